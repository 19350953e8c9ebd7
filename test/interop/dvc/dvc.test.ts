import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environment, millrace, type Server, startServer } from '../../e2e/support/millrace.ts'

const dvc = process.env.MILLRACE_INTEROP_DVC
if (!dvc) throw new Error('DVC is not installed for this suite: start it with "npm run test:interop"')
const token = 'a token of the suite'
const run = promisify(execFile)

const large = Buffer.alloc(3_000_000, 'a file that is cut into pieces, as it is long; ')
const files: Record<string, string | Buffer> = {
  'a.csv': 'x,y\n1,2\n',
  'empty.bin': '',
  'sub/again.csv': 'x,y\n1,2\n',
  'sub/a-b.txt': 'a',
  'sub.txt': 'b',
  'ü/日本 語.txt': 'unicode',
  '😀.txt': 'beyond U+FFFF',
  '\uffee.txt': 'before it in code points, after it in UTF-16',
  'large.bin': large,
}

let folder: string
let server: Server
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-dvc-'))
  server = await startServer({
    cwd: folder,
    env: { MILLRACE_DIR: join(folder, '.millrace'), MILLRACE_TOKEN: token },
  })
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A repository of DVC whose remote is a project of the server. */
async function repository(name: string, auth: 'basic' | 'custom') {
  const cwd = join(folder, name)
  mkdirSync(cwd)
  const env = environment({ DVC_NO_ANALYTICS: '1', PATH: `${dirname(dvc ?? '')}:${process.env.PATH}` })
  const call = async (...args: string[]) => (await run(dvc ?? '', args, { cwd, env })).stdout
  await run('git', ['init', '-q'], { cwd })
  await call('init', '-q')
  await call('remote', 'add', '-q', '-d', 'here', `${server.url}/dvc/shop`)
  const settings =
    auth === 'basic'
      ? { auth, user: 'anyone', password: token }
      : { auth, custom_auth_header: 'Authorization', password: `Bearer ${token}` }
  for (const [key, value] of Object.entries(settings)) {
    await call('remote', 'modify', '-q', '--local', 'here', key, value)
  }
  return { cwd, call }
}

function write(root: string): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}

function tree(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(root.length + 1), readFileSync(path).toString('latin1')]),
  )
}

const cli = async (cwd: string, ...args: string[]) => {
  const ended = await millrace(args, { cwd, env: { MILLRACE_URL: server.url, MILLRACE_TOKEN: token } })
  expect([ended.err, ended.code]).toEqual(['', 0])
  return ended.out
}

describe("DVC's command line", () => {
  it('pushes to the server, which makes it a version of a file set', async () => {
    const { cwd, call } = await repository('pushing', 'basic')
    write(join(cwd, 'data'))
    await call('add', '-q', 'data')
    expect(await call('push')).toContain('9 files pushed')
    expect(await call('status', '-c')).toContain("Cache and remote 'here' are in sync.")
    expect(await call('push')).toContain('Everything is up to date.')
    await cli(cwd, 'data', 'dvc', 'import', 'data.dvc', '--project', 'shop', '--name', 'pushed')
    await cli(cwd, 'data', 'checkout', 'pushed', 'again')
    expect(tree(join(cwd, 'again'))).toEqual(tree(join(cwd, 'data')))
    expect(Object.keys(tree(join(cwd, 'data'))).length).toBe(Object.keys(files).length)

    // Its own file again, byte for byte, from what became of it here.
    await cli(cwd, 'data', 'dvc', 'export', 'pushed', 'data', '--project', 'other')
    const { stdout } = await run('git', ['status', '--short', '--', 'data.dvc'], { cwd })
    expect(stdout).toBe('?? data.dvc\n')
    expect(await call('status')).toContain('Data and pipelines are up to date.')

    rmSync(join(cwd, '.dvc', 'cache'), { recursive: true })
    rmSync(join(cwd, 'data'), { recursive: true })
    await call('pull', '-q')
    expect(tree(join(cwd, 'data'))).toEqual(tree(join(cwd, 'again')))
  })

  it('pulls a version that was added here, and would write the same file', async () => {
    const { cwd, call } = await repository('pulling', 'custom')
    write(join(folder, 'source'))
    await cli(folder, 'data', 'add', 'source', '--name', 'added')
    await cli(cwd, 'data', 'dvc', 'export', 'added', 'data', '--project', 'shop')
    const written = readFileSync(join(cwd, 'data.dvc'), 'utf8')
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('/data\n')
    expect(await call('status', '-c')).toContain('deleted')
    await call('pull', '-q')
    expect(tree(join(cwd, 'data'))).toEqual(tree(join(folder, 'source')))
    expect(await call('status')).toContain('Data and pipelines are up to date.')
    expect(await call('status', '-c')).toContain("Cache and remote 'here' are in sync.")
    await call('add', '-q', 'data')
    expect(readFileSync(join(cwd, 'data.dvc'), 'utf8')).toBe(written)
  })

  it('keeps single files, and is told when bytes are others or the token is wrong', async () => {
    const { cwd, call } = await repository('single', 'basic')
    cpSync(join(folder, 'source', 'large.bin'), join(cwd, 'one file.bin'))
    await call('add', '-q', 'one file.bin')
    await call('push', '-q')
    await cli(cwd, 'data', 'dvc', 'import', 'one file.bin.dvc', '--project', 'shop', '--name', 'one')
    await cli(cwd, 'data', 'checkout', 'one', 'out')
    expect(readFileSync(join(cwd, 'out', 'one file.bin')).equals(large)).toBe(true)

    const url = `${server.url}/dvc/shop/files/md5/00/${'0'.repeat(30)}`
    const authorization = `Bearer ${token}`
    const put = await fetch(url, { method: 'POST', body: 'others', headers: { authorization } })
    expect([put.status, ((await put.json()) as { error_code: string }).error_code]).toEqual([
      400,
      'blob.mismatch',
    ])
    expect((await fetch(url, { headers: { authorization } })).status).toBe(404)
    expect((await fetch(url)).status).toBe(401)
    await call('remote', 'modify', '-q', '--local', 'here', 'password', 'wrong')
    writeFileSync(join(cwd, 'new.txt'), 'new')
    await call('add', '-q', 'new.txt')
    await expect(call('push')).rejects.toThrow()
  })
})
