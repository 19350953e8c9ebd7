import type { Database } from '../../ports/database.ts'
import type { RegistryTables } from './tables.ts'

/** What versions of models name: it has to stay as long as they do. */
export interface NamedLookup {
  /** Those among the runs and logged models (by id) that a version names. */
  findNamed(of: { runs: readonly string[]; models: readonly string[] }): Promise<{
    runs: Set<string>
    models: Set<string>
  }>
  /** Those among the seals of model folders that a version holds. */
  findSeals(seals: readonly string[]): Promise<Set<string>>
}

export function createNamedLookup({ db }: { db: Database }): NamedLookup {
  async function named(column: 'run_id' | 'model_id' | 'seal', ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set()
    const rows = await db
      .tables<RegistryTables>()
      .selectFrom('model_versions')
      .select(`${column} as id`)
      .where(column, 'in', ids)
      .where('deleted_at', 'is', null)
      .distinct()
      .execute()
    return new Set(rows.flatMap(({ id }) => (id === null ? [] : [id])))
  }
  return {
    async findNamed({ runs, models }) {
      return { runs: await named('run_id', runs), models: await named('model_id', models) }
    },
    findSeals: (seals) => named('seal', seals),
  }
}
