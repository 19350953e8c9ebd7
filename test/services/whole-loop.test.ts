import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Client, createClient } from '@millrace/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresTestDatabase } from '../../packages/server/src/testing/test-database.ts'
import { commandLine } from './command-line.ts'

const bucket = 'whole-loop'
const day = 86_400_000
const noon = Date.UTC(2025, 2, 1, 12)
const patiently = { timeout: 60_000, interval: 20 }

describe('the starter project on PostgreSQL and S3', () => {
  let folder: string
  let shop: ReturnType<typeof commandLine>
  let database: Awaited<ReturnType<typeof createPostgresTestDatabase>>
  let server: Awaited<ReturnType<typeof shop.up>>
  let client: Client
  let run: string
  const predictions = new Map<string, number>()

  beforeAll(async () => {
    const { MILLRACE_TEST_S3_ENDPOINT: endpoint = '', ...env } = process.env
    database = await createPostgresTestDatabase()
    const made = await fetch(`${endpoint}/${bucket}`, { method: 'PUT' })
    if (!made.ok) throw new Error(`the bucket could not be made: ${await made.text()}`)
    folder = await mkdtemp(join(tmpdir(), 'millrace-whole-loop-'))
    await symlink(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'))
    await commandLine(folder, {}).run(['init', 'shop'])
    shop = commandLine(join(folder, 'shop'), {
      MILLRACE_DATABASE_URL: database.url,
      MILLRACE_OBJECT_STORE: `s3://${bucket}/some/prefix`,
      MILLRACE_S3_ENDPOINT: endpoint,
      MILLRACE_SECRET_S3_ACCESS_KEY_ID: env.MILLRACE_TEST_S3_ACCESS_KEY_ID ?? '',
      MILLRACE_SECRET_S3_SECRET_ACCESS_KEY: env.MILLRACE_TEST_S3_SECRET_ACCESS_KEY ?? '',
    })
    await up()
  })
  afterAll(async () => {
    await server?.end('SIGTERM')
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  })

  async function up(more?: Record<string, string>) {
    server = await shop.up(more)
    client = createClient({ url: server.url })
  }

  const stepsOf = async () => {
    const { steps } = await client.pipelines.get(run)
    return new Map(steps.map((step) => [step.node, step]))
  }

  it('takes definitions, and refuses a second server on the database, from another folder, too', async () => {
    const applied = await shop.run(['apply'], { MILLRACE_URL: server.url })
    expect(applied).toMatchObject({ code: 0, err: '' })
    const second = await shop.run(['up', '--port', '0', '--dir', join(folder, 'elsewhere')])
    expect(second.code).not.toBe(0)
    expect(second.err).toContain('Another Millrace server is running on the database')
    const { host, pathname } = new URL(database.url)
    expect(second.err).toContain(`//${host}${pathname}`)
  })

  it('goes on with a pipeline whose server was killed, and repeats no finished step', async () => {
    run = (await client.pipelines.start('training')).id
    const training = async () => (await stepsOf()).get('train')?.state
    await expect.poll(training, patiently).toBe('running')
    const before = await stepsOf()
    await server.end('SIGKILL')
    await up()
    await expect.poll(async () => (await client.pipelines.get(run)).state, patiently).toBe('succeeded')
    const after = await stepsOf()
    for (const node of ['ingest', 'training-data', 'later-data']) {
      if (before.get(node)?.state !== 'succeeded') continue
      expect(after.get(node)).toEqual(before.get(node))
    }
    const attempts = after.get('train')?.attempts.map(({ state }) => state)
    expect(attempts).toEqual(['lost', 'succeeded'])
    expect([...after.values()].every(({ state }) => state === 'succeeded')).toBe(true)
  })

  it('predicts, takes labels and judges the day', async () => {
    await client.featureViews.materialize('courier_pace', { until: noon })
    const batch = Array.from({ length: 40 }, (_, i) => ({
      id: `order-${i}`,
      inputs: { ordered_at: noon + i * 60_000, courier: `courier-${1 + (i % 20)}`, distance_km: 1 + i / 4 },
    }))
    const { items } = await client.predictBatch('lateness', batch)
    for (const item of items) {
      if ('error' in item) throw new Error(item.error.message)
      expect(item).toMatchObject({ modelVersion: 'late-deliveries/1' })
      expect(item.degraded).toBeUndefined()
      predictions.set(item.id, item.prediction.probability)
    }
    const labels = batch.map(({ id, inputs }) => ({ id, label: inputs.distance_km > 6 }))
    expect(await client.feedback('lateness', labels)).toEqual({ accepted: 40 })
    const { windows, decisions } = await client.monitors.evaluate('lateness-daily', noon + 2 * day)
    expect(windows[0]).toMatchObject({ requests: 40, labelled: 40 })
    expect(decisions[0]).toMatchObject({ action: 'none' })
  })

  it('has everything after it was killed again', async () => {
    const everything = async () => ({
      run: await client.pipelines.get(run),
      endpoint: await client.endpoints.get('lateness'),
      windows: await client.monitors.windows('lateness-daily'),
      decisions: await client.monitors.decisions('lateness-daily'),
    })
    const before = await everything()
    await server.end('SIGKILL')
    await up()
    expect(await everything()).toEqual(before)
    const [id, probability] = [...predictions][0] ?? []
    const inputs = { ordered_at: noon, courier: 'courier-1', distance_km: 1 }
    const again = await client.predict('lateness', { id, inputs })
    expect(again.prediction.probability).toBe(probability)
  })

  it('leaves neither a database nor objects in the folder, and serves from an empty one', async () => {
    const state = join(folder, 'shop', '.millrace')
    expect(existsSync(state)).toBe(true)
    for (const name of ['millrace.db', 'objects']) expect(existsSync(join(state, name))).toBe(false)
    expect(await server.end('SIGTERM')).toBe(0)
    await up({ MILLRACE_DIR: join(folder, 'another-machine') })
    const inputs = { ordered_at: noon, courier: 'courier-1', distance_km: 1 }
    expect(await client.predict('lateness', { inputs })).toMatchObject({ modelVersion: 'late-deliveries/1' })
  })

  it('stops when another control plane has taken its database over', async () => {
    // The other one stands in line already when the connection that holds the lock breaks.
    const other = database.query(`
      select pg_advisory_lock(hashtextextended('millrace/public/control-plane', 0));
      select pg_sleep(3)`)
    await database.query(`
      do $$ begin
        while not exists (select from pg_locks where locktype = 'advisory' and not granted) loop
          perform pg_sleep(0.01);
        end loop;
      end $$;
      select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and application_name = 'millrace control-plane'`)
    const { code, err } = await server.ended()
    expect(code).toBe(1)
    expect(err).toContain('Another Millrace server is running on the database')
    await other
  })
})
