import type { Database } from '../../ports/database.ts'
import type { ConsistencyCheck } from './consistency.ts'

export interface ConsistencyTables {
  consistency_checks: { id: string; endpoint: string; checked_at: number; content: string }
}

export async function addCheck(db: Database, check: ConsistencyCheck): Promise<void> {
  await db
    .tables<ConsistencyTables>()
    .insertInto('consistency_checks')
    .values({
      id: check.id,
      endpoint: check.endpoint,
      checked_at: check.checkedAt,
      content: JSON.stringify(check),
    })
    .execute()
}

/** Newest first. */
export async function listChecks(
  db: Database,
  endpoint: string,
  { offset, limit }: { offset: number; limit: number },
): Promise<ConsistencyCheck[]> {
  const rows = await db
    .tables<ConsistencyTables>()
    .selectFrom('consistency_checks')
    .select('content')
    .where('endpoint', '=', endpoint)
    .orderBy('checked_at', 'desc')
    .orderBy('id', 'desc')
    .offset(offset)
    .limit(limit)
    .execute()
  return rows.map(({ content }) => JSON.parse(content) as ConsistencyCheck)
}

/** The newest check of each endpoint. */
export async function newestChecks(db: Database): Promise<ConsistencyCheck[]> {
  const tables = db.tables<ConsistencyTables>()
  const newest = await tables
    .selectFrom('consistency_checks')
    .select(['endpoint'])
    .groupBy('endpoint')
    .orderBy('endpoint')
    .execute()
  const found = await Promise.all(
    newest.map(({ endpoint }) => listChecks(db, endpoint, { offset: 0, limit: 1 })),
  )
  return found.flat()
}
