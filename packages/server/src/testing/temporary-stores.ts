import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createArtifactReader, createArtifactService } from '../domains/artifacts/index.ts'
import { createDatabaseEventStream } from '../drivers/event-stream/database.ts'
import { createFileObjectStore } from '../drivers/object-store/file.ts'
import { createManualClock } from '../kernel/clock.ts'
import { eventStreamMigration } from '../migrations/0009-event-stream.ts'
import { createContentStore } from '../ports/content-store.ts'
import type { Migration } from '../ports/database.ts'
import { openTestDatabase } from './test-database.ts'

/** The embedded stores in a temporary folder, with the migrations that a test needs; `close` removes all. */
export async function createTemporaryStores(migrations: readonly Migration[]) {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const db = await openTestDatabase(dir)
  await db.migrate([...migrations, eventStreamMigration])
  const objects = createFileObjectStore({ root: join(dir, 'objects') })
  const clock = createManualClock(1_000_000_000_000)
  const artifacts = createArtifactService({ db, objects, clock })
  return {
    dir,
    db,
    objects,
    artifacts,
    artifactReader: createArtifactReader(artifacts, []),
    content: createContentStore(objects, { cacheDir: join(dir, 'cache') }),
    stream: createDatabaseEventStream({ db }),
    clock,
    async close() {
      await db.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
