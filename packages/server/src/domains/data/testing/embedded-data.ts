import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteDatabase } from '../../../drivers/database/sqlite.ts'
import { createDuckDbLake } from '../../../drivers/lake/duckdb.ts'
import { createFileObjectStore } from '../../../drivers/object-store/file.ts'
import { createManualClock } from '../../../kernel/clock.ts'
import { definitionsMigration } from '../../../migrations/0001-definitions.ts'
import { dataMigration } from '../../../migrations/0002-data.ts'
import { featuresMigration } from '../../../migrations/0003-features.ts'
import { createContentStore } from '../../../ports/content-store.ts'
import type { StreamEvent } from '../../../ports/event-stream.ts'
import { createDefinitionService } from '../../definitions/index.ts'
import { createDataService } from '../service.ts'

/** Definitions and datasets on the embedded drivers in a folder of their own. */
export async function createEmbeddedData() {
  const dir = await mkdtemp(join(tmpdir(), 'data-'))
  const db = await createSqliteDatabase({ path: join(dir, 'metadata.sqlite') })
  await db.migrate([definitionsMigration, dataMigration, featuresMigration])
  const objects = createFileObjectStore({ root: join(dir, 'objects') })
  const content = createContentStore(objects, { cacheDir: join(dir, 'cache') })
  const lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 512, tempDir: join(dir, 'spill') })
  const clock = createManualClock(Date.UTC(2026, 0, 1))
  const events: StreamEvent[] = []
  const definitions = createDefinitionService({
    db,
    content,
    clock,
    stream: {
      append: async (_topic, added) => {
        for (const event of added) events.push({ ...event, offset: events.length })
      },
      read: async () => events,
    },
    bundleDir: join(dir, 'bundles'),
    validators: [],
  })
  const tempDir = join(dir, 'temp')
  const data = createDataService({ db, content, lake, clock, definitions, baseDir: dir, tempDir })
  return {
    dir,
    db,
    content,
    lake,
    clock,
    definitions,
    data,
    tempDir,
    /** Applies definitions as the whole of the project. */
    apply: (given: unknown[], bundle: string | null = null) =>
      definitions.apply({
        project: 'test',
        definitions: given,
        bundle,
        dryRun: false,
        allowDestroy: true,
      }),
    async close() {
      await lake.close()
      await db.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
