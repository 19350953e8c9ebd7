import { type ContentNames, digestsIn } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { ServingTables } from './store.ts'

/** The models of all revisions of endpoints, and what rollouts and events that were not told yet name. */
export function createServingContentNames({ db }: { db: Database }): ContentNames {
  const tables = () => db.tables<ServingTables>()
  return {
    async *documents() {
      for (const table of ['serving_outbox', 'endpoint_rollouts'] as const) {
        const rows = await tables().selectFrom(table).select('body').execute()
        yield rows.flatMap(({ body }) => digestsIn(body))
      }
      const revisions = await tables()
        .selectFrom('endpoint_revisions')
        .select('manifest')
        .distinct()
        .execute()
      yield revisions.flatMap(({ manifest }) => digestsIn(manifest))
    },
  }
}
