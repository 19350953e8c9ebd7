import { join } from 'node:path'
import { createDataService } from '../domains/data/index.ts'
import { createDefinitionService } from '../domains/definitions/index.ts'
import { createReadLog } from '../domains/features/index.ts'
import { createDuckDbLake } from '../drivers/lake/duckdb.ts'
import { createFileObjectStore } from '../drivers/object-store/file.ts'
import { createPostgresQuerySource } from '../drivers/query-source/postgres.ts'
import { createEnvironmentSecretStore } from '../drivers/secret-store/environment.ts'
import { definitionsMigration } from '../migrations/0001-definitions.ts'
import { dataMigration } from '../migrations/0002-data.ts'
import { featuresMigration } from '../migrations/0003-features.ts'
import { datasetPartsMigration } from '../migrations/0017-dataset-parts.ts'
import { featurePushesMigration } from '../migrations/0019-feature-pushes.ts'
import { featureStreamsMigration } from '../migrations/0020-feature-streams.ts'
import { feastServicesMigration } from '../migrations/0021-feast-services.ts'
import { joinedDatasetsMigration } from '../migrations/0022-joined-datasets.ts'
import { rejectedRowsMigration } from '../migrations/0025-rejected-rows.ts'
import { datasetRetentionMigration } from '../migrations/0026-dataset-retention.ts'
import { ingestTermsMigration } from '../migrations/0027-ingest-terms.ts'
import { materializationMigration } from '../migrations/0030-materialization.ts'
import { featureReadsMigration } from '../migrations/0031-feature-reads.ts'
import { topicOffsetsMigration } from '../migrations/0031-topic-offsets.ts'
import { createTemporaryStores } from './temporary-stores.ts'
import { openTestOnlineStore } from './test-online-store.ts'

/** Definitions and datasets on the embedded drivers in a temporary folder; `close` removes all. */
export async function createTemporaryData({ secrets = {} }: { secrets?: Record<string, string> } = {}) {
  const stores = await createTemporaryStores([
    definitionsMigration,
    dataMigration,
    featuresMigration,
    datasetPartsMigration,
    rejectedRowsMigration,
    datasetRetentionMigration,
    ingestTermsMigration,
    featurePushesMigration,
    featureStreamsMigration,
    feastServicesMigration,
    joinedDatasetsMigration,
    materializationMigration,
    featureReadsMigration,
    topicOffsetsMigration,
  ])
  const { dir } = stores
  const tempDir = join(dir, 'temp')
  const lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 512, tempDir: join(dir, 'spill') })
  const online = await openTestOnlineStore(dir)
  const definitions = createDefinitionService({ ...stores, bundleDir: join(dir, 'bundles'), validators: [] })
  const sources = {
    openBucket: async (bucket: string) => createFileObjectStore({ root: join(dir, 'buckets', bucket) }),
    queries: createPostgresQuerySource(),
    secrets: createEnvironmentSecretStore(secrets),
    programEnvironment: { PATH: process.env.PATH ?? '' },
  }
  const logger = { warn: () => undefined }
  const reads = createReadLog({ ...stores, dir: join(dir, 'reads'), logger })
  const data = createDataService({ ...stores, ...sources, lake, definitions, baseDir: dir, tempDir })
  return {
    ...stores,
    ...sources,
    lake,
    online,
    definitions,
    data,
    reads,
    logger,
    tempDir,
    /** Applies definitions as the whole of the project. */
    apply: (given: unknown[], bundle: string | null = null) =>
      definitions.apply({ project: 'test', definitions: given, bundle, dryRun: false, allowDestroy: true }),
    async close() {
      await reads.close()
      await lake.close()
      await online.close()
      await stores.close()
    },
  }
}
