import { pagesOf } from '../../kernel/pages.ts'
import { type ContentNames, digestsIn } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { DataTables } from './store.ts'

const pageSize = 500

/** The parts of all versions of datasets, rows that were kept aside, and rows that failed their expectations. */
export function createDataContentNames({ db }: { db: Database }): ContentNames {
  const tables = () => db.longReads<DataTables>()
  const digestsOf = (table: 'dataset_version_parts' | 'dataset_rejected') =>
    pagesOf<{ digest: string }>(pageSize, (after, limit) =>
      tables()
        .selectFrom(table)
        .select('digest')
        .distinct()
        .where('digest', '>', after?.digest ?? '')
        .orderBy('digest')
        .limit(limit)
        .execute(),
    )
  const validations = () =>
    pagesOf<{ id: string; result: string }>(pageSize, (after, limit) =>
      tables()
        .selectFrom('dataset_validations')
        .select(['id', 'result'])
        .where('id', '>', after?.id ?? '')
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
  return {
    async *leaves() {
      for (const table of ['dataset_version_parts', 'dataset_rejected'] as const) {
        for await (const page of digestsOf(table)) yield page.map(({ digest }) => digest)
      }
      for await (const page of validations()) yield page.flatMap(({ result }) => digestsIn(result))
    },
  }
}
