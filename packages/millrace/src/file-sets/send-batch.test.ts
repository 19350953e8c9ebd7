import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@millrace/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFolder } from './read-folder.ts'
import { createSender, headerBytes } from './send-batch.ts'

const largeBytes = 1024 * 1024 + 1

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-send-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A server that keeps what it is sent, and tells what it was asked. */
function createServer(known: readonly string[] = []) {
  const kept = new Set(known.map((text) => hash('sha256', text)))
  const calls: string[] = []
  const batches: string[][] = []
  const client = createClient({
    url: 'http://server',
    async fetch(url, init) {
      const path = new URL(String(url)).pathname
      calls.push(path.split('/')[2] + (path.endsWith('/missing') ? ' missing' : ''))
      if (path.endsWith('/missing')) {
        const { digests } = JSON.parse(String(init?.body)) as { digests: string[] }
        return Response.json({ missing: digests.filter((digest) => !kept.has(digest)) })
      }
      const bytes = Buffer.from(await new Response(init?.body).arrayBuffer())
      if (init?.method === 'PUT') return Response.json({ digest: hash('sha256', bytes), size: bytes.length })
      const end = bytes.indexOf('\n')
      const header = JSON.parse(bytes.toString('utf8', 0, end)) as [string, number][]
      let at = end + 1
      const added = { files: 0, bytes: 0 }
      const texts = header.map(([digest, size]) => {
        const text = bytes.toString('utf8', at, at + size)
        at += size
        expect(hash('sha256', text)).toBe(digest)
        if (!kept.has(digest)) {
          added.files++
          added.bytes += size
        }
        kept.add(digest)
        return text
      })
      expect(at).toBe(bytes.length)
      batches.push(texts)
      return Response.json({ files: header.length, bytes: at, added })
    },
  })
  return { client, calls, batches }
}

/** Sends one batch of files with these contents. */
function createSending(client: ReturnType<typeof createServer>['client']) {
  const send = createSender(client, folder)
  return async (contents: readonly (string | Buffer)[]) => {
    for (const [i, content] of contents.entries()) writeFileSync(join(folder, String(i)), content)
    let added = 0
    const paths = contents.map((_, i) => String(i))
    for await (const batch of readFolder(folder, paths, { reserved: headerBytes })) added += await send(batch)
    return added
  }
}

describe('sending files', () => {
  it('asks only while something is known', async () => {
    const { client, calls, batches } = createServer(['known'])
    const send = createSending(client)
    expect(await send(['known', 'a', 'known', 'b', 'a'])).toBe(2)
    expect(await send(['c', 'c', 'd'])).toBe(2)
    expect(await send(['e', 'a', 'b'])).toBe(1)
    expect(await send(['a', 'f'])).toBe(1)
    expect(batches).toEqual([['a', 'b'], ['c', 'd'], ['e', 'a', 'b'], ['f']])
    const [asked, sent] = ['blobs missing', 'blob-batches']
    // The first batch had a known file, the second none, the third had known ones that nobody asked for.
    expect(calls).toEqual([asked, sent, asked, sent, sent, asked, sent])
  })

  it('always asks for large files', async () => {
    const { client, calls } = createServer([Buffer.alloc(largeBytes).toString()])
    const send = createSending(client)
    expect(await send(['a'])).toBe(1)
    calls.length = 0
    const other = Buffer.alloc(largeBytes, 'x')
    expect(await send(['b', Buffer.alloc(largeBytes), other])).toBe(1 + largeBytes)
    expect(calls).toEqual(['blobs missing', 'blob-batches', 'blobs'])
    expect(await send(['a', 'b'])).toBe(0)
    expect(await send(['a', 'b'])).toBe(0)
  })
})
