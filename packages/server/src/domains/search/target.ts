import type { RawBuilder } from 'kysely'
import type { Database } from '../../ports/database.ts'
import type { Field } from './filter.ts'

export type Sql = RawBuilder<unknown>

/** Where the fields of one kind of thing are kept; all SQL is seen from a row of that thing. */
export interface SearchTarget {
  dialect: Database['dialect']
  /** Columns by the key of the attribute. */
  attributes: Readonly<Record<string, { column: Sql; type: 'text' | 'number'; nullable?: boolean }>>
  /** The values that the thing has under a key, for everything but attributes. */
  entries(field: Field): EntrySource
  /** The one value under a key by which things are ordered. */
  sortValue(field: Field, index: number): SortValue
}

export interface EntrySource {
  /** `from … where …` */
  rows: Sql
  value: Sql
  /** Present for numbers: '', or the name of what the value is instead (NaN, Infinity, -Infinity). */
  special?: Sql
}

export interface SortValue {
  /** A left join that `value` needs. */
  join?: Sql
  /** Null where it is missing. */
  value: Sql
  special?: Sql
}
