import type { Kysely } from 'kysely'
import { mostUses, type VersionUses } from '../data/index.ts'
import type { TrackingTables } from './tables.ts'

/** Runs name versions of datasets as what they were made from, and as inputs that were logged. */
export const runUses: VersionUses = {
  async find(trx, { dataset, version }) {
    const tables = trx as Kysely<TrackingTables>
    const tagged = await tables
      .selectFrom('run_tags')
      .select('run_id')
      .where('key', '=', `millrace.dataset.${dataset}`)
      .where('value', '=', version)
      .limit(mostUses)
      .execute()
    const logged = await tables
      .selectFrom('datasets_logged as d')
      .innerJoin('run_inputs as i', 'i.dataset_id', 'd.id')
      .select('i.run_id')
      .where('d.name', '=', dataset)
      .where('d.digest', '=', version)
      .limit(mostUses)
      .execute()
    const runs = new Set([...tagged, ...logged].map(({ run_id }) => run_id))
    return [...runs].map((name) => ({ kind: 'run', name }))
  },
}
