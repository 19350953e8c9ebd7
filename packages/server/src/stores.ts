import { join } from 'node:path'
import { type Config, processEnvironment, type S3Settings } from './config.ts'
import { createDatabaseContentUses } from './drivers/content-uses/database.ts'
import { createDatabaseEventStream } from './drivers/event-stream/database.ts'
import { createDuckDbLake } from './drivers/lake/duckdb.ts'
import { createEnvironmentSecretStore } from './drivers/secret-store/environment.ts'
import { systemClock } from './kernel/clock.ts'
import { openTempFolder } from './kernel/temp-folder.ts'
import { migrations } from './migrations/index.ts'
import type { ArtifactRoot } from './ports/artifact-root.ts'
import { type ContentStore, createContentStore } from './ports/content-store.ts'
import type { Database } from './ports/database.ts'
import type { EventStream } from './ports/event-stream.ts'
import type { Lake } from './ports/lake.ts'
import type { ObjectStore } from './ports/object-store.ts'
import type { OnlineStore } from './ports/online-store.ts'
import type { QuerySource } from './ports/query-source.ts'
import type { SecretStore } from './ports/secret-store.ts'

/** The open drivers of one process. */
export interface Stores {
  db: Database
  objects: ObjectStore
  content: ContentStore
  /** Where clients keep artifacts themselves; read only. */
  artifactRoots: readonly ArtifactRoot[]
  lake: Lake
  online: OnlineStore
  stream: EventStream
  /** Folder of this process for files that nobody misses after it: the next start removes it if this process cannot. */
  tempDir: string
  /** A bucket that data is read from, on the S3 server that the configuration names. */
  openBucket(bucket: string): Promise<ObjectStore>
  queries: QuerySource
  secrets: SecretStore
  close(): Promise<void>
}

/** Opens what the configuration names and brings the database's schema up to date. */
export async function openStores(config: Config): Promise<Stores> {
  const temp = await openTempFolder(join(config.dir, 'tmp'))
  const tempDir = temp.path
  const db = await openDatabase(config)
  try {
    await db.migrate(migrations)
    const objects = await openObjects(config)
    const content = createContentStore(objects, {
      cacheDir: join(config.dir, 'cache'),
      uses: createDatabaseContentUses({ db, clock: systemClock }),
    })
    const artifactRoots = await Promise.all(config.artifactRoots.map(openArtifactRoot))
    // Before the lake: it may be somewhere else, and not answer.
    const online = await openOnline(config)
    const lake = await createDuckDbLake({ ...config.lake, tempDir })
    const stream = createDatabaseEventStream({ db })
    const close = async () => {
      await lake.close()
      await online.close()
      await db.close()
      await temp.close()
    }
    const secrets = createEnvironmentSecretStore(processEnvironment())
    return {
      db,
      objects,
      content,
      artifactRoots,
      lake,
      online,
      stream,
      tempDir,
      openBucket: (bucket) => openBucket({ driver: 's3', bucket, prefix: '', ...config.s3 }),
      queries: createLazyQuerySource(),
      secrets,
      close,
    }
  } catch (error) {
    await db.close()
    await temp.close()
    throw error
  }
}

/** The metadata database that the configuration names; nothing is connected before the first use. */
export async function openDatabase(config: Config): Promise<Database> {
  if (config.database.driver === 'sqlite') {
    const { createSqliteDatabase } = await import('./drivers/database/sqlite.ts')
    return createSqliteDatabase({ path: config.database.path })
  }
  const { createPostgresDatabase } = await import('./drivers/database/postgres.ts')
  return createPostgresDatabase({ connectionString: config.database.url })
}

async function openObjects(config: Config): Promise<ObjectStore> {
  if (config.objects.driver === 'file') {
    const { createFileObjectStore } = await import('./drivers/object-store/file.ts')
    return createFileObjectStore({ root: config.objects.root })
  }
  return openBucket(config.objects)
}

async function openOnline(config: Config): Promise<OnlineStore> {
  if (config.online.driver === 'sqlite') {
    const { createSqliteOnlineStore } = await import('./drivers/online-store/sqlite.ts')
    return createSqliteOnlineStore({ path: config.online.path })
  }
  const { createRedisOnlineStore } = await import('./drivers/online-store/redis.ts')
  return createRedisOnlineStore({
    url: config.online.url,
    password: processEnvironment().MILLRACE_SECRET_REDIS_PASSWORD,
  })
}

async function openBucket(settings: S3Settings): Promise<ObjectStore> {
  const { createS3Store } = await import('./drivers/object-store/s3.ts')
  return createS3Store(await s3Options(settings))
}

/** The driver is loaded with the first query. */
function createLazyQuerySource(): QuerySource {
  return {
    async *read(input, options) {
      const { createPostgresQuerySource } = await import('./drivers/query-source/postgres.ts')
      yield* createPostgresQuerySource().read(input, options)
    },
  }
}

async function openArtifactRoot(settings: Config['artifactRoots'][number]): Promise<ArtifactRoot> {
  if (settings.driver === 'file') {
    const { createFileArtifactRoot } = await import('./drivers/artifact-root/file.ts')
    return createFileArtifactRoot({ folder: settings.root })
  }
  const { createS3ArtifactRoot } = await import('./drivers/artifact-root/s3.ts')
  return createS3ArtifactRoot(await s3Options(settings))
}

async function s3Options({ driver, ...settings }: S3Settings) {
  const secrets = createEnvironmentSecretStore(processEnvironment())
  return {
    ...settings,
    forcePathStyle: settings.endpoint !== undefined,
    accessKeyId: await secrets.get('S3_ACCESS_KEY_ID'),
    secretAccessKey: await secrets.get('S3_SECRET_ACCESS_KEY'),
  }
}
