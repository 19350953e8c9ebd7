import type {
  ColumnType,
  DatasetDefinition,
  EvolutionRule,
  IngestMode,
  MaxRejected,
  Schema,
} from '@millrace/protocol'
import {
  type ColumnSpec,
  type Columns,
  type ColumnsOf,
  checkPlain,
  columnsOf,
  type KeysOfType,
  type SchemaOf,
  type Simplify,
  schemaOf,
  tagsOf,
} from './column.ts'
import { type Compilable, type CompileContext, requireBundle } from './compilable.ts'
import { compileDescribed, type Described } from './described.ts'
import { type Duration, parseDuration } from './duration.ts'
import type { Expectation } from './expectation.ts'
import type { GeneratedSource } from './generate.ts'
import { checkColumnNames, checkName } from './names.ts'
import type { NullableRow } from './on-demand.ts'
import type { Source } from './source.ts'

/** A column computed when a version is registered. */
export interface Derived<T extends ColumnType = ColumnType> extends ColumnSpec<T> {
  readonly sql: string
}

/** A column computed from the others by a SQL scalar expression: `derive(t.timestamp(), 'date + to_minutes(delay)')`. */
export const derive = <T extends ColumnType>(spec: ColumnSpec<T>, expression: string): Derived<T> => ({
  type: spec.type,
  sql: expression,
  ...(spec.options && { options: spec.options }),
})

/** A table of events, registered version by version. `S` has the source's and the derived columns. */
export interface Dataset<S extends Schema = Schema> extends Compilable {
  readonly kind: 'dataset'
  readonly columns: S
  readonly timestamp: string
}

interface DatasetOptions<C extends Columns, D extends Record<string, Derived>> extends Described {
  source: Source | GeneratedSource<NullableRow<SchemaOf<NoInfer<C>>>>
  /** Columns that the source must have; others in the file are kept out. */
  schema: C
  derived?: D
  /** Column that says when the event happened. */
  timestamp: KeysOfType<SchemaOf<NoInfer<C>> & SchemaOf<NoInfer<D>>, 'timestamp'>
  /**
   * `replace` (default): a version has the rows of the source. `append`: the rows of the version before, then those of
   * files that were not read yet; a file that changed is refused, unless there is a `watermark`.
   */
  mode?: IngestMode
  /** With `append`: of new and changed files, the rows where this column is beyond its greatest value so far. */
  watermark?: KeysOfType<SchemaOf<NoInfer<C>> & SchemaOf<NoInfer<D>>, 'timestamp' | 'int64'>
  /**
   * With `append`: changes of the schema that the rows of older versions follow. `add`: they have no value of a new column.
   * `widen`: an int64 column becomes float64. Anything else is refused.
   */
  evolve?: readonly EvolutionRule[]
  /** With `append`: columns that had another name before. */
  renamedFrom?: { readonly [K in keyof SchemaOf<NoInfer<C>>]?: string }
  /**
   * How many rows of a source, or which share of them, may be kept aside because they cannot be read. Default: 0, then
   * one such row refuses the whole.
   */
  maxRejected?: MaxRejected
  /**
   * Which versions `millrace gc` leaves, beside those that something names: the last so many (default: 1), and those that
   * were made within a time. Without it all stay.
   */
  keep?: { last?: number; for?: Duration }
  /** Rules that a version must pass before anything may use it. */
  expect?: (columns: ColumnsOf<Simplify<SchemaOf<C> & SchemaOf<D>>>) => readonly Expectation[]
}

/**
 * Defines a dataset.
 * @throws TypeError for a bad name, a derived column that is in the schema already, a bad timestamp or watermark.
 */
export function dataset<C extends Columns, D extends Record<string, Derived> = Record<never, never>>(
  name: string,
  options: DatasetOptions<C, D>,
): Dataset<Simplify<SchemaOf<C> & SchemaOf<D>>> {
  const owner = `dataset "${name}"`
  checkName('dataset', name)
  const schema = schemaOf(options.schema)
  const derived = options.derived ?? ({} as D)
  const columns = { ...schema, ...schemaOf(derived) } as Simplify<SchemaOf<C> & SchemaOf<D>>
  checkColumnNames(owner, Object.keys(columns))
  checkPlain(owner, { ...options.schema, ...derived })
  const described = compileDescribed(owner, options)
  const twice = Object.keys(derived).find((column) => column in schema)
  if (twice) throw new TypeError(`${owner}: the derived column "${twice}" is in the schema already`)
  const types: Schema = columns
  if (types[options.timestamp] !== 'timestamp')
    throw new TypeError(`${owner}: timestamp must name a timestamp column, got "${options.timestamp}"`)
  const { source, mode, watermark, maxRejected, evolve, renamedFrom } = options
  const pii = tagsOf(options.schema)
  if (watermark !== undefined) {
    if (mode !== 'append') throw new TypeError(`${owner}: a watermark needs the mode "append"`)
    if (types[watermark] !== 'timestamp' && types[watermark] !== 'int64')
      throw new TypeError(`${owner}: watermark must name a timestamp or int64 column, got "${watermark}"`)
  }
  const keep = options.keep && keptVersions(owner, options.keep)
  const expectations = (options.expect?.(columnsOf(owner, columns)) ?? []).map((e) => e.definition)
  return {
    kind: 'dataset',
    name,
    columns,
    timestamp: options.timestamp,
    uses: [],
    functions:
      'generate' in source ? [{ kind: 'dataset', name, run: source.generate, source: source.generate }] : [],
    compile: (context): DatasetDefinition => ({
      kind: 'dataset',
      name,
      ...described,
      source: compileSource(owner, source, context),
      schema,
      derived: Object.fromEntries(
        Object.entries(derived).map(([column, { type, sql }]) => [column, { type, sql }]),
      ),
      timestamp: options.timestamp,
      ...(mode && { mode }),
      ...(watermark !== undefined && { watermark }),
      ...(evolve && { evolve: [...evolve] }),
      ...(renamedFrom && { renamedFrom: renamedFrom as Record<string, string> }),
      ...(maxRejected !== undefined && { maxRejected }),
      ...(keep && { keep }),
      ...(Object.keys(pii).length > 0 && { pii }),
      expectations,
    }),
  }
}

const dayMs = 24 * 60 * 60 * 1000

function keptVersions(
  owner: string,
  { last, for: time }: NonNullable<DatasetOptions<Columns, Record<string, Derived>>['keep']>,
): NonNullable<DatasetDefinition['keep']> {
  if (last === undefined && time === undefined)
    throw new TypeError(`${owner}: keep must say how many versions (last), or for how long (for), or both`)
  if (last !== undefined && !(Number.isInteger(last) && last >= 1))
    throw new TypeError(`${owner}: keep.last must be a whole number from 1, got ${last}`)
  return {
    ...(last !== undefined && { last }),
    ...(time !== undefined && { days: parseDuration(time, `${owner}: keep.for`) / dayMs }),
  }
}

function compileSource(
  owner: string,
  source: Source | GeneratedSource<unknown>,
  context: CompileContext,
): DatasetDefinition['source'] {
  if ('compile' in source) return source.compile(context)
  return { format: 'function', code: { bundle: requireBundle(owner, context) } }
}
