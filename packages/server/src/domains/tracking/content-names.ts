import { sql } from 'kysely'
import { pagesOf } from '../../kernel/pages.ts'
import { type ContentNames, digestsIn } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { TrackingTables } from './tables.ts'

const pageSize = 1000

/** What the platform's own tags of runs name: models, evaluations, training sets, code. */
export function createRunContentNames({ db }: { db: Database }): ContentNames {
  const tags = () =>
    pagesOf<{ run_id: string; key: string; value: string }>(pageSize, (after, limit) =>
      db
        .longReads<TrackingTables>()
        .selectFrom('run_tags')
        .select(['run_id', 'key', 'value'])
        .where('key', '>=', 'millrace.')
        .where('key', '<', 'millrace/')
        .where(sql<boolean>`(run_id, key) > (${after?.run_id ?? ''}, ${after?.key ?? ''})`)
        .orderBy('run_id')
        .orderBy('key')
        .limit(limit)
        .execute(),
    )
  return {
    async *documents() {
      for await (const page of tags()) yield page.flatMap(({ value }) => digestsIn(value))
    },
  }
}
