import { pagesOf } from '../../kernel/pages.ts'
import type { ContentNames } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { FeatureTables } from './store.ts'

const pageSize = 1000

/** The manifests of all training sets: they name the rows, the members and the code. */
export function createTrainingSetContentNames({ db }: { db: Database }): ContentNames {
  const sets = () =>
    pagesOf<{ inputs: string; digest: string }>(pageSize, (after, limit) =>
      db
        .longReads<FeatureTables>()
        .selectFrom('training_sets')
        .select(['inputs', 'digest'])
        .where('inputs', '>', after?.inputs ?? '')
        .orderBy('inputs')
        .limit(limit)
        .execute(),
    )
  return {
    async *documents() {
      for await (const page of sets()) yield page.map(({ digest }) => digest)
    },
  }
}
