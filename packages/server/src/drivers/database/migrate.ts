import { fail } from '@millrace/protocol'
import type { Kysely } from 'kysely'
import type { Migration } from '../../ports/database.ts'

interface MigrationTables {
  schema_migrations: { id: string }
}

/**
 * Applies what is missing, in the order of the ids. Runs inside one transaction that excludes other migrators.
 *
 * @throws `config.invalid` if the database has a migration that is newer than every one given.
 */
export async function applyMigrations(trx: Kysely<unknown>, migrations: readonly Migration[]): Promise<void> {
  const ordered = [...migrations].sort((a, b) => (a.id < b.id ? -1 : 1))
  const twice = ordered.find((migration, i) => migration.id === ordered[i + 1]?.id)
  if (twice) throw new TypeError(`Migration ${twice.id} is given twice`)

  await trx.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('id', 'text', (c) => c.primaryKey())
    .execute()
  const records = trx as unknown as Kysely<MigrationTables>
  const rows = await records.selectFrom('schema_migrations').select('id').execute()
  const applied = new Set(rows.map((row) => row.id))
  refuseNewerSchema(applied, ordered)
  for (const migration of ordered) {
    if (applied.has(migration.id)) continue
    await migration.up(trx)
    await records.insertInto('schema_migrations').values({ id: migration.id }).execute()
  }
}

function refuseNewerSchema(applied: Set<string>, ordered: readonly Migration[]): void {
  const newest = ordered.at(-1)?.id ?? ''
  const newer = [...applied].filter((id) => id > newest).sort()
  if (newer.length === 0) return
  throw fail('config.invalid', {
    reason: `the database was written by a newer version (it has ${newer.join(', ')}, this version knows up to ${newest}); upgrade this installation`,
  })
}
