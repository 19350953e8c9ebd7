import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startServer } from '@millrace/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

let cwd: string
let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'millrace-data-'))
  server = await startServer({ dir: join(cwd, '.millrace'), port: 0 })
})
afterAll(async () => {
  await server.stop()
  rmSync(cwd, { recursive: true, force: true })
})

async function data(...args: string[]) {
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: server.url }, cwd })
  const code = await runCli(['data', ...args], terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}
async function json<Value>(...args: string[]): Promise<Value> {
  const { code, out, err } = await data(...args, '--json')
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out) as Value
}

function write(folder: string, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, folder, path)), { recursive: true })
    writeFileSync(join(cwd, folder, path), content)
  }
}
function tree(folder: string): Record<string, string> {
  const entries = readdirSync(join(cwd, folder), { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(join(cwd, folder).length + 1), readFileSync(path, 'latin1')]),
  )
}

const large = Buffer.alloc(5_000_000, 'larger than what is sent together with others, ')
const first = {
  'a.txt': 'a',
  'b/c.txt': 'c',
  'b/same.txt': 'a',
  empty: '',
  'ü/😀.txt': 'x',
  'large.bin': large,
}

describe('millrace data', () => {
  it('keeps a folder, and gives it back', async () => {
    write('photos', first)
    const added = await json<{ version: string; sent: number }>('add', 'photos', '--name', 'photos')
    expect(added).toMatchObject({ files: 6, bytes: 5_000_004, sent: 5_000_003 })
    const again = await json<{ version: string; sent: number }>('add', 'photos', '--name', 'photos')
    expect(again).toMatchObject({ version: added.version, sent: 0 })
    expect(await json('checkout', 'photos', 'out')).toMatchObject({ written: 6, same: 0, others: [] })
    expect(tree('out')).toEqual(tree('photos'))

    write('photos', { 'a.txt': 'changed', 'new.txt': 'new' })
    rmSync(join(cwd, 'photos/b/c.txt'))
    await json('add', 'photos', '--name', 'photos', '--message', 'second')
    const beginning = `photos@${added.version.slice(0, 6)}`
    expect((await data('diff', beginning)).out).toContain('~ a.txt\n- b/c.txt\n+ new.txt\n')
    expect((await data('log', 'photos')).out).toContain('second')
    expect((await data('ls', 'photos', '--limit', '1')).out).toContain('a.txt')

    expect(await data('checkout', 'photos', 'out')).toMatchObject({
      code: 1,
      err: expect.stringContaining('"a.txt", which differs from the version'),
    })
    expect(tree('out')['a.txt']).toBe('a')
    expect(await json('checkout', 'photos', 'out', '--force', '--remove')).toMatchObject({
      written: 2,
      same: 4,
      others: ['b/c.txt'],
    })
    expect(tree('out')).toEqual(tree('photos'))
  })

  it('names versions, and removes those without a name', async () => {
    await json('tag', 'photos', 'good')
    expect((await data('show', 'photos@good')).out).toContain('second')
    expect((await data('rm', 'photos@good')).err).toContain('it has the tags good')
    const removed = await json<unknown[]>('prune', 'photos', '--keep', '1')
    expect(removed).toHaveLength(1)
    await json('tag', 'photos', 'good', '--remove')
    expect((await data('tag', 'photos')).out).toBe('no tags\n')
    expect((await data('tag', 'photos', 'good', '--history')).out).toContain('taken away')
  })

  it('refuses what a copy would not have, and what is in the way', async () => {
    write('links', { a: 'a' })
    symlinkSync('/etc', join(cwd, 'links', 'etc'))
    expect((await data('add', 'links', '--name', 'links')).err).toContain('it is a symbolic link')
    expect((await data('add', 'nowhere', '--name', 'links')).err).toContain('it is no folder')
    expect((await data('log', 'links')).err).toContain('and no file set "links"')
    write('blocked', { b: 'a file where the version has a folder' })
    expect((await data('checkout', 'photos', 'blocked', '--force')).err).toContain('Move it away first')
    expect(tree('blocked')).toEqual({ b: 'a file where the version has a folder' })
    expect(await data('rm', 'photos')).toMatchObject({ code: 2 })
  })
})
