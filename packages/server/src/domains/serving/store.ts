import type { Kysely } from 'kysely'
import type { EndpointState, Revision } from './endpoint.ts'
import type { Rollout } from './rollout.ts'

export interface ServingTables {
  endpoints: { endpoint: string; salt: string; stable_revision: number; changes: number }
  endpoint_revisions: {
    endpoint: string
    revision: number
    model: string
    version: number
    manifest: string
    service_hash: string
    reason: string
    request_key: string | null
    created_at: number
  }
  endpoint_rollouts: { endpoint: string; candidate: number; body: string }
  serving_outbox: { id: string; body: string }
}

export type Db = Kysely<ServingTables>

export async function listChanges(db: Db): Promise<{ endpoint: string; changes: number }[]> {
  return db.selectFrom('endpoints').select(['endpoint', 'changes']).orderBy('endpoint').execute()
}

export async function findState(db: Db, endpoint: string): Promise<EndpointState | undefined> {
  const row = await db.selectFrom('endpoints').selectAll().where('endpoint', '=', endpoint).executeTakeFirst()
  if (!row) return undefined
  const rollout = (await listRollouts(db, endpoint, 1)).at(0) ?? null
  return { endpoint, salt: row.salt, stable: row.stable_revision, changes: row.changes, rollout }
}

/** Newest first. */
export async function listRollouts(db: Db, endpoint: string, limit: number): Promise<Rollout[]> {
  const rows = await db
    .selectFrom('endpoint_rollouts')
    .select('body')
    .where('endpoint', '=', endpoint)
    .orderBy('candidate', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => JSON.parse(row.body) as Rollout)
}

export async function addEndpoint(db: Db, endpoint: { endpoint: string; salt: string; stable: number }) {
  await db
    .insertInto('endpoints')
    .values({
      endpoint: endpoint.endpoint,
      salt: endpoint.salt,
      stable_revision: endpoint.stable,
      changes: 1,
    })
    .execute()
}

/** Stores what changed and counts the change. */
export async function saveState(
  db: Db,
  { endpoint, stable, rollout }: Pick<EndpointState, 'endpoint' | 'stable' | 'rollout'>,
): Promise<void> {
  await db
    .updateTable('endpoints')
    .set((e) => ({ stable_revision: stable, changes: e('changes', '+', 1) }))
    .where('endpoint', '=', endpoint)
    .execute()
  if (!rollout) return
  const body = JSON.stringify(rollout)
  await db
    .insertInto('endpoint_rollouts')
    .values({ endpoint, candidate: rollout.candidate, body })
    .onConflict((c) => c.columns(['endpoint', 'candidate']).doUpdateSet({ body }))
    .execute()
}

export async function addRevision(db: Db, revision: Revision): Promise<void> {
  await db
    .insertInto('endpoint_revisions')
    .values({
      endpoint: revision.endpoint,
      revision: revision.revision,
      model: revision.model,
      version: revision.version,
      manifest: revision.manifest,
      service_hash: revision.serviceHash,
      reason: revision.reason,
      request_key: revision.requestKey,
      created_at: revision.createdAt,
    })
    .execute()
}

/** Oldest first. */
export async function listRevisions(db: Db, endpoint: string): Promise<Revision[]> {
  const rows = await db
    .selectFrom('endpoint_revisions')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .orderBy('revision')
    .execute()
  return rows.map(fromRow)
}

export async function findRevision(
  db: Db,
  endpoint: string,
  by: { revision: number } | { requestKey: string },
): Promise<Revision | undefined> {
  const query = db.selectFrom('endpoint_revisions').selectAll().where('endpoint', '=', endpoint)
  const row = await ('revision' in by
    ? query.where('revision', '=', by.revision)
    : query.where('request_key', '=', by.requestKey)
  ).executeTakeFirst()
  return row && fromRow(row)
}

export async function countRevisions(db: Db, endpoint: string): Promise<number> {
  const row = await db
    .selectFrom('endpoint_revisions')
    .select((e) => e.fn.max('revision').as('newest'))
    .where('endpoint', '=', endpoint)
    .executeTakeFirst()
  return Number(row?.newest ?? 0)
}

function fromRow(row: ServingTables['endpoint_revisions']): Revision {
  return {
    endpoint: row.endpoint,
    revision: row.revision,
    model: row.model,
    version: row.version,
    manifest: row.manifest,
    serviceHash: row.service_hash,
    reason: row.reason,
    requestKey: row.request_key,
    createdAt: row.created_at,
  }
}
