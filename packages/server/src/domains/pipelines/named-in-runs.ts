import type { Kysely } from 'kysely'
import type { PipelineTables } from './store.ts'

const mostRuns = 20

/**
 * Runs that have not ended, and were given a text or have it among what their steps gave: the next steps may take it.
 * @param db sees all tables
 * @param text without characters that are special in JSON
 */
export async function findRunsNaming(
  db: Kysely<unknown>,
  text: string,
): Promise<{ id: string; pipeline: string }[]> {
  return (db as Kysely<PipelineTables>)
    .selectFrom('pipeline_runs as r')
    .leftJoin('pipeline_steps as s', 's.run_id', 'r.id')
    .select(['r.id', 'r.pipeline'])
    .distinct()
    .where('r.finished_at', 'is', null)
    .where(({ or, eb }) =>
      or([eb('s.outputs', 'like', `%"${text}"%`), eb('r.params', 'like', `%"${text}"%`)]),
    )
    .limit(mostRuns)
    .execute()
}
