import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@millrace/client'
import { createDuckDbLake, startServer } from '@millrace/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

let cwd: string
let server: Awaited<ReturnType<typeof startServer>>
let versions: string[]

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
const push = async (lines: string) => {
  writeFileSync(join(cwd, 'a.csv'), `at,id\n${lines}`)
  return (await json<{ version: string }>('push', 'orders', 'a.csv')).version
}

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'millrace-versions-'))
  server = await startServer({ dir: join(cwd, '.millrace'), port: 0 })
  const definition = {
    kind: 'dataset',
    name: 'orders',
    source: { format: 'csv', path: 'nowhere.csv' },
    schema: { at: 'timestamp', id: 'int64' },
    derived: {},
    timestamp: 'at',
    mode: 'append',
    expectations: [],
  }
  const client = createClient({ url: server.url })
  await client.apply({ project: 'shop', definitions: [definition as never], bundle: null })
  versions = [await push('2026-01-01 00:00:00,1\n'), await push('2026-01-02 00:00:00,2\n')]
})
afterAll(async () => {
  await server.stop()
  rmSync(cwd, { recursive: true, force: true })
})

describe('millrace data, of datasets', () => {
  it('lists what there is, which versions, and what a version has', async () => {
    expect((await data('ls')).out).toMatch(/orders +dataset +2 +\w{16} +2 rows/)
    expect(await json('ls', 'orders')).toHaveLength(2)
    const log = await json<{ version: string; mode: string; uses: unknown[] }[]>('log', 'orders')
    expect(log.map(({ version, mode }) => [version, mode])).toEqual([
      [versions[1], 'append'],
      [versions[0], 'replace'],
    ])
    expect(log[0].uses).toEqual([{ kind: 'latest', name: 'latest' }])
    expect((await data('log', 'orders')).out).toContain('append of the upload a.csv')
    expect((await data('show', `orders@${versions[0].slice(0, 5)}`)).out).toMatch(
      /1 rows, .+\nread from the upload a\.csv .+\n.+ expectations met .+\nnamed by nothing\n[\s\S]*id +int64 +0 +1 +1 +1 +1/,
    )
    expect((await data('diff', `orders@${versions[0]}`, '--key', 'id')).out).toContain('1 added, 0 removed')
  })

  it('writes the rows of a version as files, all or none', async () => {
    expect(await json('checkout', 'orders', 'rows', '--format', 'csv')).toMatchObject({ files: 2, rows: 2 })
    expect(readFileSync(join(cwd, 'rows/orders-00001.csv'), 'utf8')).toBe('at,id\n2026-01-02 00:00:00,2\n')
    const refused = await data('checkout', 'orders', 'rows')
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('is not empty (2 files)') })
    writeFileSync(join(cwd, 'rows/mine.txt'), 'mine')
    const ndjson = ['--force', '--format', 'ndjson']
    await json('checkout', `orders@${versions[0]}`, 'rows', ...ndjson)
    expect(readdirSync(join(cwd, 'rows')).sort()).toEqual(['mine.txt', 'orders-00000.ndjson'])
    expect(readFileSync(join(cwd, 'rows/orders-00000.ndjson'), 'utf8')).toBe(
      '{"at":"2026-01-01T00:00:00.000000Z","id":1}\n',
    )
    await json('checkout', 'orders', 'arrow', '--format', 'arrow')
    expect(readFileSync(join(cwd, 'arrow/orders-00001.arrow'), 'latin1')).toMatch(/^ARROW1/)
    await json('checkout', 'orders')
    const lake = await createDuckDbLake({ tempDir: join(cwd, 'spill'), memoryLimitMb: 256 })
    const rows = await lake.rows(`SELECT id FROM '${join(cwd, 'orders')}/*.parquet' ORDER BY id`)
    await lake.close()
    expect(rows).toEqual([{ id: 1 }, { id: 2 }])
    expect(readdirSync(cwd).filter((name) => name.startsWith('.orders'))).toEqual([])
  })

  it('keeps what is named, and asks which is meant where a name is two', async () => {
    await json('tag', `orders@${versions[0]}`, 'good')
    expect(await json('prune', 'orders', '--keep', '1')).toMatchObject({
      items: [],
      kept: [{ uses: [{ kind: 'tag', name: 'good' }] }],
    })
    expect((await data('rm', 'orders:good')).err).toContain('the tag good')
    await json('tag', 'orders', 'good', '--remove')
    expect(await json('rm', `orders@${versions[0]}`)).toMatchObject({ version: versions[0] })
    expect((await data('log', 'nowhere')).err).toContain('There is no dataset "nowhere"')
    await json('checkout', 'orders', 'files')
    await json('add', 'files', '--name', 'orders')
    expect(await data('log', 'orders')).toMatchObject({
      code: 2,
      err: expect.stringContaining('add --dataset or --file-set'),
    })
    expect(await json('ls', 'orders', '--file-set')).toMatchObject([{ path: 'orders-00000.parquet' }, {}])
    expect(await json('ls', '--dataset')).toHaveLength(1)
  })
})
