import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresDatabase } from '../../drivers/database/postgres.ts'
import { createSqliteDatabase } from '../../drivers/database/sqlite.ts'
import { createDatabaseEventStream } from '../../drivers/event-stream/database.ts'
import { startWriter } from '../../drivers/testing/crash.ts'
import { systemClock } from '../../kernel/clock.ts'
import { migrations } from '../../migrations/index.ts'
import type { Database } from '../../ports/database.ts'
import { createPostgresTestDatabase } from '../../testing/test-database.ts'
import { createWebhookDeliverer } from '../webhooks/deliverer.ts'
import { createSecretBox } from '../webhooks/secret-box.ts'
import { createWebhookService } from '../webhooks/service.ts'
import { createRegistryService } from './service.ts'

/** Registers versions and promotes each, and tells which promotions were acknowledged, until it is killed. */
const writer = `
import { createSqliteDatabase } from '../../drivers/database/sqlite.ts'
import { createPostgresDatabase } from '../../drivers/database/postgres.ts'
import { createDatabaseEventStream } from '../../drivers/event-stream/database.ts'
import { createRegistryService } from './service.ts'
const [place] = process.argv.slice(-1)
const db = place.startsWith('postgres:')
  ? createPostgresDatabase({ connectionString: place })
  : createSqliteDatabase({ path: place })
const clock = { now: () => Date.now() }
const registry = createRegistryService({ db, clock, stream: createDatabaseEventStream({ db }) })
for (let expected = null; ; ) {
  const { version } = await registry.createVersion({ model: 'm', source: 's3://b/x' })
  await registry.setAlias({ model: 'm', alias: 'champion', version, expected, by: 'writer', reason: 'next' })
  process.stdout.write(version + '\\n')
  expected = version
}
`

let dir: string
let place: string
let db: Database
let drop: () => Promise<void>
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  if (process.env.MILLRACE_TEST_DATABASE === 'postgres') {
    const server = await createPostgresTestDatabase()
    place = server.url
    drop = server.drop
    db = createPostgresDatabase({ connectionString: place })
  } else {
    place = join(dir, 'metadata.db')
    drop = async () => undefined
    db = createSqliteDatabase({ path: place })
  }
  await db.migrate(migrations)
})
afterAll(async () => {
  await db.close()
  await drop()
  await rm(dir, { recursive: true, force: true })
})

describe('a registry whose process is killed', () => {
  it('has every acknowledged version and promotion, none by half, and tells the webhooks of all', async () => {
    const registry = createRegistryService({
      db,
      clock: systemClock,
      stream: createDatabaseEventStream({ db }),
    })
    const received: string[] = []
    const open = { allowHttp: true, allowPrivate: true }
    const hooks = {
      db,
      clock: systemClock,
      box: createSecretBox(new Uint8Array(32)),
      policy: open,
      logger: { warn: () => undefined },
      send: async ({ body }: { body: string }) => {
        received.push(body)
        return { kind: 'answer', status: 200, body: '', retryAfterMs: null } as const
      },
    }
    const events = [
      { entity: 'MODEL_VERSION', action: 'CREATED' },
      { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' },
    ] as const
    await createWebhookService(hooks).createWebhook({ name: 'hook', url: 'http://localhost/', events })
    await registry.createModel({ name: 'm' })

    const process = startWriter(writer, import.meta.url, [place])
    await process.written(20)
    const acknowledged = (await process.kill()).map(Number)
    expect(acknowledged.length).toBeGreaterThanOrEqual(20)

    const { items: versions } = await registry.listVersions('m', { limit: 1000 })
    const { items: moves } = await registry.listAliasHistory(
      { model: 'm', alias: 'champion' },
      { limit: 1000 },
    )
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => versions.length - i))
    expect(moves.map(({ version }) => version)).toEqual(moves.map((_, i) => moves.length - i))
    expect(moves.length).toBeGreaterThanOrEqual(acknowledged.length)
    expect(versions.length - moves.length).toBeLessThanOrEqual(1)
    expect((await registry.getModel('m')).aliases).toEqual({ champion: moves.length })

    const deliverer = createWebhookDeliverer(hooks)
    for (let before = -1; before < received.length; ) {
      before = received.length
      await deliverer.deliverDue()
    }
    const told = (entity: string) =>
      received
        .map((body) => JSON.parse(body))
        .filter((event) => event.entity === entity)
        .map((event) => Number(event.data.version))
        .sort((a, b) => a - b)
    expect(told('model_version')).toEqual(versions.map(({ version }) => version).reverse())
    expect(told('model_version_alias')).toEqual(moves.map(({ version }) => version).reverse())
  })
})
