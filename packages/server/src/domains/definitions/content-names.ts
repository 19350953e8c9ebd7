import { sql } from 'kysely'
import { pagesOf } from '../../kernel/pages.ts'
import { type ContentNames, digestsIn } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { DefinitionTables } from './store.ts'

const pageSize = 200

/** The code of every version of a definition. */
export function createDefinitionContentNames({ db }: { db: Database }): ContentNames {
  type Row = Pick<DefinitionTables['definition_versions'], 'kind' | 'name' | 'version' | 'body'>
  const versions = () =>
    pagesOf<Row>(pageSize, (after, limit) =>
      db
        .longReads<DefinitionTables>()
        .selectFrom('definition_versions')
        .select(['kind', 'name', 'version', 'body'])
        .where(
          sql<boolean>`(kind, name, version) > (${after?.kind ?? ''}, ${after?.name ?? ''}, ${after?.version ?? ''})`,
        )
        .orderBy('kind')
        .orderBy('name')
        .orderBy('version')
        .limit(limit)
        .execute(),
    )
  return {
    async *documents() {
      for await (const page of versions()) yield page.flatMap(({ body }) => digestsIn(body))
    },
  }
}
