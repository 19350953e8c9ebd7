import type { DatabaseConnection, Kysely } from 'kysely'
import type { ManyRows, NewRows } from '../../ports/database.ts'

/** A connection of a driver that can insert many rows at once. */
interface BulkConnection extends DatabaseConnection {
  insertMany<Row>(insert: ManyRows): Promise<Row[]>
  /** @returns the places in `rows` of those that were inserted */
  insertNew(insert: ManyRows): Promise<number[]>
}

/** Hands the rows to the connection of the transaction. */
export async function insertMany<Tables, Row>(trx: Kysely<Tables>, insert: ManyRows): Promise<Row[]> {
  if (!trx.isTransaction) throw insertManyOutside()
  if (insert.rows.length === 0) return []
  return trx
    .getExecutor()
    .provideConnection((connection) => (connection as BulkConnection).insertMany<Row>(insert))
}

/** Hands the rows to the connection of the transaction, to learn which are new. */
export async function insertNew<Tables, Row extends ManyRows['rows'][number]>(
  trx: Kysely<Tables>,
  insert: NewRows<Row>,
): Promise<Row[]> {
  if (!trx.isTransaction) throw insertManyOutside()
  if (insert.rows.length === 0) return []
  const places = await trx
    .getExecutor()
    .provideConnection((connection) => (connection as BulkConnection).insertNew(insert))
  return places.length === insert.rows.length ? [...insert.rows] : places.map((place) => insert.rows[place])
}

export function insertManyOutside(): TypeError {
  return new TypeError('insertMany needs a transaction: its rows are inserted together or not at all')
}

/** The statement around the source of its rows. */
export function insertManySql({ table, columns, key, update, returning }: ManyRows, source: string): string {
  const changes = Object.entries(update ?? {}).map(([column, value]) => `${column} = ${value}`)
  const onConflict = changes.length === 0 ? 'nothing' : `update set ${changes.join(', ')}`
  return (
    `insert into ${table} (${Object.keys(columns).join(', ')}) ${source} ` +
    `on conflict (${key.join(', ')}) do ${onConflict}${returning ? ` returning ${returning.join(', ')}` : ''}`
  )
}
