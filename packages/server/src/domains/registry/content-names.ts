import { sql } from 'kysely'
import { pagesOf } from '../../kernel/pages.ts'
import { type ContentNames, digestsIn } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { RegistryTables } from './tables.ts'

const pageSize = 500

/** What versions of models name, deleted ones too: manifests, training sets, evaluations, code. */
export function createRegistryContentNames({ db }: { db: Database }): ContentNames {
  type Row = Pick<
    RegistryTables['model_versions'],
    'model' | 'version' | 'manifest' | 'training_set' | 'gate' | 'lineage'
  >
  const versions = () =>
    pagesOf<Row>(pageSize, (after, limit) =>
      db
        .longReads<RegistryTables>()
        .selectFrom('model_versions')
        .select(['model', 'version', 'manifest', 'training_set', 'gate', 'lineage'])
        .where(sql<boolean>`(model, version) > (${after?.model ?? ''}, ${after?.version ?? 0})`)
        .orderBy('model')
        .orderBy('version')
        .limit(limit)
        .execute(),
    )
  return {
    async *documents() {
      for await (const page of versions()) {
        yield page.flatMap(({ manifest, training_set, gate, lineage }) =>
          [manifest, training_set, gate, lineage].flatMap((text) => digestsIn(text ?? '')),
        )
      }
    },
  }
}
