import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { eventStreamMigration } from '../../migrations/0009-event-stream.ts'
import { eventStreamContract } from '../../ports/testing/event-stream.contract.ts'
import { createSqliteDatabase } from '../database/sqlite.ts'
import { createDatabaseEventStream } from './database.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-events-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

eventStreamContract('database on sqlite', async () => {
  const db = createSqliteDatabase({ path: join(folder, 'events.db') })
  await db.migrate([eventStreamMigration])
  return { stream: createDatabaseEventStream({ db }), close: db.close }
})
