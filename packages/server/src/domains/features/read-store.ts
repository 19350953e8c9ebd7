import type { Database } from '../../ports/database.ts'
import type { ServiceConsistencyCheck } from './read-check.ts'

export interface ReadTables {
  /** The definitions that logged reads of a feature service were made with; `version` names them. */
  feature_service_reads: { service: string; version: string; definitions: string; first_at: number }
  feature_service_checks: { id: string; service: string; checked_at: number; content: string }
}

export interface ReadVersion {
  service: string
  /** See `formatReadVersion`. */
  version: string
  /** Content hashes by `kind/name`. */
  definitions: Readonly<Record<string, string>>
}

/** Notes a version; one that is known stays as it is. */
export async function addReadVersion(db: Database, read: ReadVersion & { now: number }): Promise<void> {
  await db
    .tables<ReadTables>()
    .insertInto('feature_service_reads')
    .values({
      service: read.service,
      version: read.version,
      definitions: JSON.stringify(read.definitions),
      first_at: read.now,
    })
    .onConflict((c) => c.columns(['service', 'version']).doNothing())
    .execute()
}

/** In the order in which they were first read. */
export async function listReadVersions(db: Database, service: string): Promise<ReadVersion[]> {
  const rows = await db
    .tables<ReadTables>()
    .selectFrom('feature_service_reads')
    .selectAll()
    .where('service', '=', service)
    .orderBy('first_at')
    .orderBy('version')
    .execute()
  return rows.map(({ version, definitions }) => ({
    service,
    version,
    definitions: JSON.parse(definitions) as Record<string, string>,
  }))
}

export async function addServiceCheck(db: Database, check: ServiceConsistencyCheck): Promise<void> {
  const { id, service, checkedAt } = check
  await db
    .tables<ReadTables>()
    .insertInto('feature_service_checks')
    .values({ id, service, checked_at: checkedAt, content: JSON.stringify(check) })
    .execute()
}

/** Newest first. */
export async function listServiceChecks(
  db: Database,
  service: string,
  { offset, limit }: { offset: number; limit: number },
): Promise<ServiceConsistencyCheck[]> {
  const rows = await db
    .tables<ReadTables>()
    .selectFrom('feature_service_checks')
    .select('content')
    .where('service', '=', service)
    .orderBy('checked_at', 'desc')
    .orderBy('id', 'desc')
    .offset(offset)
    .limit(limit)
    .execute()
  return rows.map(({ content }) => JSON.parse(content) as ServiceConsistencyCheck)
}

/** The newest check of each service. */
export async function newestServiceChecks(db: Database): Promise<ServiceConsistencyCheck[]> {
  const services = await db
    .tables<ReadTables>()
    .selectFrom('feature_service_checks')
    .select('service')
    .groupBy('service')
    .orderBy('service')
    .execute()
  const found = await Promise.all(
    services.map(({ service }) => listServiceChecks(db, service, { offset: 0, limit: 1 })),
  )
  return found.flat()
}
