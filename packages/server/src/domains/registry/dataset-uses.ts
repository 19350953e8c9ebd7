import type { Kysely } from 'kysely'
import { mostUses, type VersionUses } from '../data/index.ts'
import type { RegistryTables } from './tables.ts'

/** Versions of models name what they learnt from; deleted ones too. */
export const modelVersionUses: VersionUses = {
  async find(trx, { dataset, version }) {
    const rows = await (trx as Kysely<RegistryTables>)
      .selectFrom('model_version_datasets')
      .select(['model', 'version'])
      .where('dataset', '=', dataset)
      .where('dataset_version', '=', version)
      .orderBy('model')
      .orderBy('version')
      .limit(mostUses)
      .execute()
    return rows.map((row) => ({ kind: 'model-version', name: `${row.model}/${row.version}` }))
  },
}
