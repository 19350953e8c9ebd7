import type { ColumnType, PiiTag, Schema, ValueOf } from '@millrace/protocol'
import type { FeatureOptions } from './feature-options.ts'

/** The type of a column, as made by `t`. */
export interface ColumnSpec<T extends ColumnType = ColumnType> {
  readonly type: T
  /** In the schema of a dataset: personal data, and its mask. */
  readonly tag?: PiiTag
  /** Of features: what they are, and which values they may have. */
  readonly options?: FeatureOptions<T>
}

/** Column name -> type. */
export type Columns = Readonly<Record<string, ColumnSpec>>

/** Plain schema of {@link Columns}: name -> name of the type. */
export type SchemaOf<C extends Columns> = { -readonly [K in keyof C]: C[K]['type'] }

/** A column of a dataset, to be named in expectations and features. */
export interface Column<T extends ColumnType = ColumnType> {
  readonly name: string
  readonly type: T
}

/** One {@link Column} per column of a schema. */
export type ColumnsOf<S> = { readonly [K in keyof S]: Column<Extract<S[K], ColumnType>> }

/** The TypeScript row of a schema. */
export type Row<S> = { [K in keyof S]: S[K] extends ColumnType ? ValueOf<S[K]> : never }

/** Writes an intersection out as one object type, so that editors and errors show its members. */
export type Simplify<T> = { [K in keyof T]: T[K] }

/** Names of the columns that have the type. */
export type KeysOfType<S, T extends ColumnType> = {
  [K in keyof S]: S[K] extends T ? K : never
}[keyof S] &
  string

/** `unknown` if the schema has the needed columns with the needed types, else a property that says what is missing. */
export type HasColumns<S, Needed> = S extends Needed
  ? unknown
  : { readonly 'columns that are needed': Needed }

/**
 * Types of columns. Times are UTC and `Date` in TypeScript; 64-bit integers are numbers (exact to 2^53). In the schema
 * of a dataset a tag says that a column has personal data, and how it is masked when rows are read:
 * `t.string({ pii: 'email', mask: 'hash' })`. Of a feature it may say more: `t.int64({ min: 0, max: 23 })`.
 */
export const t = {
  string: (more?: PiiTag | FeatureOptions<'string'>) => specOf('string', more),
  int64: (more?: KeptTag | FeatureOptions<'int64'>) => specOf('int64', more),
  float64: (more?: KeptTag | FeatureOptions<'float64'>) => specOf('float64', more),
  boolean: (more?: KeptTag | FeatureOptions<'boolean'>) => specOf('boolean', more),
  timestamp: (more?: KeptTag | FeatureOptions<'timestamp'>) => specOf('timestamp', more),
} as const

function specOf<T extends ColumnType>(type: T, more?: PiiTag | FeatureOptions<T>): ColumnSpec<T> {
  if (!more) return { type }
  if (!('pii' in more)) return { type, options: more }
  const { pii, mask, ...options }: PiiTag & FeatureOptions<T> = more
  return { type, tag: { pii, mask }, ...(Object.keys(options).length > 0 && { options }) }
}

/** Only texts can be masked. */
type KeptTag = PiiTag & { mask: 'keep' }

/** The tags of columns that have one. */
export function tagsOf(columns: Columns): Record<string, PiiTag> {
  return Object.fromEntries(Object.entries(columns).flatMap(([name, { tag }]) => (tag ? [[name, tag]] : [])))
}

/** @throws TypeError if something is said of a column that is for features only */
export function checkPlain(owner: string, columns: Columns): void {
  for (const [name, { options }] of Object.entries(columns)) {
    const [field] = Object.keys(options ?? {})
    if (field !== undefined)
      throw new TypeError(
        `${owner}: "${field}" of "${name}" is for features; the rules of columns are expectations of a dataset`,
      )
  }
}

/** The plain schema of columns. */
export function schemaOf<C extends Columns>(columns: C): SchemaOf<C> {
  return Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, type])) as SchemaOf<C>
}

/**
 * Columns by name. Reading one that does not exist throws a TypeError, so that a project in plain JavaScript is
 * told about a misspelling too.
 */
export function columnsOf<S extends Schema>(owner: string, schema: S): ColumnsOf<S> {
  const columns = Object.fromEntries(Object.entries(schema).map(([name, type]) => [name, { name, type }]))
  return new Proxy(columns, {
    get(target, property) {
      if (typeof property === 'string' && !(property in target)) {
        throw new TypeError(`${owner} has no column "${property}"; it has ${Object.keys(schema).join(', ')}`)
      }
      return Reflect.get(target, property) as unknown
    },
  }) as unknown as ColumnsOf<S>
}
