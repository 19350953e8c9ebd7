import { hash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createClient } from '@millrace/client'
import { incomingFolder } from '@millrace/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createArrivals } from './arrivals.ts'
import { checkout } from './checkout.ts'
import { scanFolder } from './scan-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-checkout-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Files = Record<string, string>

/** A server with one version; `onFetch` runs while the bytes are on their way. */
function serverWith(files: Files, onFetch: () => unknown = () => undefined) {
  const entries = Object.entries(files).map(([path, text]) => ({
    path,
    digest: hash('sha256', text),
    size: text.length,
  }))
  const contents = new Map(Object.values(files).map((text) => [hash('sha256', text), text]))
  return createClient({
    url: 'http://server',
    async fetch(url, init) {
      if (!String(url).endsWith('/v1/blobs/read')) return Response.json({ items: entries })
      await onFetch()
      const { digests } = JSON.parse(String(init?.body)) as { digests: string[] }
      return new Response(digests.map((digest) => contents.get(digest)).join(''))
    },
  })
}
const input = (options: { force?: boolean; remove?: boolean } = {}) => ({
  fileSet: 'photos',
  version: '3f2a',
  folder,
  ...options,
})
function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
function tree(): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  )
}
const refusedFor = (path: string) => ({ code: 'file_set.checkout_refused', details: { path } })

describe('a checkout', () => {
  it.each([{}, { force: true, remove: true }])(
    'leaves a file that was made meanwhile: %j',
    async (options) => {
      const client = serverWith({ a: 'a', 'b/c': 'c' }, () => write('b/c', 'mine'))
      await expect(checkout(client, input(options))).rejects.toMatchObject(refusedFor('b/c'))
      expect(tree()).toEqual({ a: 'a', 'b/c': 'mine' })
      expect(readdirSync(folder)).not.toContain(incomingFolder)
    },
  )

  it('leaves a file that was made meanwhile where a folder has to be', async () => {
    const client = serverWith({ 'b/c': 'c' }, () => write('b', 'mine'))
    await expect(checkout(client, input())).rejects.toMatchObject(refusedFor('b/c'))
    expect(tree()).toEqual({ b: 'mine' })
  })

  it('is refused for an empty folder in the way, before anything is touched', async () => {
    mkdirSync(join(folder, 'a'))
    write('other', 'other')
    const client = serverWith({ a: 'a', b: 'b' })
    const checkingOut = checkout(client, input({ force: true, remove: true }))
    await expect(checkingOut).rejects.toMatchObject(refusedFor('a'))
    expect(tree()).toEqual({ other: 'other' })
    await expect(checkout(client, { ...input(), folder: join(folder, 'other') })).rejects.toMatchObject(
      refusedFor('other'),
    )
  })

  it('replaces and removes only what it was told to, at the end', async () => {
    write('a', 'changed')
    write('x/other', 'other')
    write(`${incomingFolder}/0-${hostname()}-killed/1`, 'left by one that was killed')
    let during: Files = {}
    const client = serverWith({ a: 'a', b: 'b' }, () => {
      during = tree()
    })
    const result = await checkout(client, input({ force: true, remove: true }))
    expect(result).toMatchObject({ written: 2, same: 0, others: ['x/other'] })
    expect(during).toEqual({ a: 'changed', 'x/other': 'other' })
    expect(tree()).toEqual({ a: 'a', b: 'b' })
  })

  it('is refused where files would arrive through a link, and leaves what the link leads to', async () => {
    write('elsewhere/mine', 'mine')
    const before = tree()
    const link = join(folder, incomingFolder)
    for (const target of ['elsewhere', 'elsewhere/mine', 'nowhere']) {
      symlinkSync(target, link)
      await expect(
        checkout(serverWith({ a: 'a' }), input({ force: true, remove: true })),
      ).rejects.toMatchObject(refusedFor(incomingFolder))
      expect(() => createArrivals(folder)).toThrow('is no folder. Move it away first.')
      expect(() => [...scanFolder(folder)]).toThrow(incomingFolder)
      rmSync(link)
    }
    expect(tree()).toEqual(before)
  })

  it('removes only what checkouts that were killed on this host have left', async () => {
    const kept = ['mine', '2024-photos', '0-elsewhere-killed', `${process.pid}-${hostname()}-onward`]
    for (const name of kept) write(`${incomingFolder}/${name}/1`, name)
    write(`${incomingFolder}/0-${hostname()}-killed/1`, 'left')
    await checkout(serverWith({ a: 'a' }), input())
    expect(readdirSync(join(folder, incomingFolder)).sort()).toEqual(kept.sort())
  })

  it('may go on beside another one into the same folder', async () => {
    const [first, second]: [Files, Files] = [{}, {}]
    for (let i = 0; i < 20; i++) {
      first[`first/${i}`] = `first ${i}`
      second[`second/${i}`] = `second ${i}`
    }
    const inner = serverWith(second)
    const outer = serverWith(first, () => checkout(inner, input()))
    await checkout(outer, input())
    expect(tree()).toEqual({ ...first, ...second })
  })
})
