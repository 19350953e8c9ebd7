import type {
  ColumnType,
  DatasetDefinition,
  EntityDefinition,
  FeatureDefinition,
  FeatureViewDefinition,
  Ranges,
  Schema,
} from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { emptyRelation, queryRelation, sqlType } from '../data/index.ts'
import { columnsOfView, versionOf } from '../definitions/index.ts'

type Aggregation = Extract<FeatureDefinition, { aggregate: string }>

export interface AggregateFeature {
  name: string
  type: ColumnType
  aggregate: Aggregation['aggregate']
  /** Index into `operands`; -1 for a count of rows. */
  operand: number
  /** Length of the window in hops. */
  hops: number
  /** Of `top`: 1 is the most frequent value. */
  rank: number
  /** The value where no event is in the window. */
  empty: 0 | null
}

/** What tiles keep of an expression's values: see `tilesQuery`. `values`: how often there is which. */
export type OperandKind = 'sum' | 'squares' | 'extremes' | 'ends' | 'values'

/** An expression that is aggregated. */
export interface Operand {
  sql: string
  kind: OperandKind
  /** Fractions are summed as integers. */
  fractional: boolean
  /** The lake's type of a value. */
  type: string
}

const kinds: Record<Exclude<Aggregation['aggregate'], 'count'>, OperandKind> = {
  sum: 'sum',
  mean: 'sum',
  std: 'squares',
  min: 'extremes',
  max: 'extremes',
  first: 'ends',
  last: 'ends',
  distinct: 'values',
  top: 'values',
}

/** A feature view made ready for SQL. Times in it are microseconds, tiles are numbers of hops since the epoch. */
export interface ViewPlan {
  name: string
  version: string
  dataset: string
  /** What its rows are if not those of the dataset. */
  query?: FeatureViewDefinition['query']
  keys: Schema
  timestamp: string
  /** When rows were created; with `filter` a row counts from then on only, else it decides between rows of one time. */
  created?: { column: string; filter: boolean }
  ttlUs: number | null
  hopUs: number
  aggregates: AggregateFeature[]
  operands: Operand[]
  /** Features that are the newest row's column. */
  last: { name: string; type: ColumnType; column: string }[]
  /** All features in the order of the definition. */
  features: Schema
  /** Of the features that have one. */
  ranges?: Ranges
}

/** Resolves a view: its features by kind, windows in hops, and which operands are fractional. */
export async function planView(
  lake: Lake,
  view: FeatureViewDefinition,
  refers: { entity: EntityDefinition; dataset: DatasetDefinition },
): Promise<ViewPlan> {
  const aggregates: AggregateFeature[] = []
  const last: ViewPlan['last'] = []
  const operands: OperandInput[] = []
  for (const [name, feature] of Object.entries(view.features)) {
    if ('last' in feature) {
      last.push({ name, type: feature.type, column: feature.last })
      continue
    }
    aggregates.push({
      name,
      type: feature.type,
      aggregate: feature.aggregate,
      operand: operandOf(feature, operands),
      hops: feature.windowMs / view.hopMs,
      rank: feature.rank ?? 1,
      empty: feature.aggregate === 'count' || feature.aggregate === 'distinct' ? 0 : null,
    })
  }
  const columns = columnsOfView(view, refers.dataset)
  return {
    name: view.name,
    version: versionOf(view),
    dataset: view.from,
    ...(view.query && { query: view.query }),
    keys: refers.entity.key,
    timestamp: view.timestamp,
    ...(view.created !== undefined && { created: { column: view.created, filter: true } }),
    ttlUs: view.ttlMs === null ? null : view.ttlMs * 1000,
    hopUs: view.hopMs * 1000,
    aggregates,
    operands: await Promise.all(operands.map((operand) => describeOperand(lake, operand, columns))),
    last,
    features: Object.fromEntries(Object.entries(view.features).map(([name, { type }]) => [name, type])),
    ...(view.ranges && { ranges: view.ranges }),
  }
}

interface OperandInput {
  sql: string
  kind: OperandKind
  /** Where a value is given as it is: its type. */
  as?: ColumnType
}

/** The place of a feature's operand among `operands`, where it is put if it is not there; -1 if it has none. */
function operandOf({ aggregate, sql, type }: Aggregation, operands: OperandInput[]): number {
  if (aggregate === 'count' || sql === undefined) return -1
  const kind = kinds[aggregate]
  const as = kind === 'sum' || kind === 'squares' || aggregate === 'distinct' ? undefined : type
  const known = operands.findIndex((one) => one.sql === sql && one.kind === kind && one.as === as)
  return known >= 0 ? known : operands.push({ sql, kind, as }) - 1
}

async function describeOperand(
  lake: Lake,
  { sql, kind, as }: OperandInput,
  columns: Schema,
): Promise<Operand> {
  const [{ column_type: found }] = await lake.rows<{ column_type: string }>(
    `DESCRIBE SELECT (${sql}\n) AS value FROM ${emptyRelation(columns)}`,
  )
  const type = as ? sqlType(as) : found
  const fractional = type === 'DOUBLE' || type === 'FLOAT' || type.startsWith('DECIMAL(')
  const summed = kind === 'sum' || kind === 'squares'
  return { sql, kind, fractional, type: summed && !fractional ? 'BIGINT' : type }
}

/** All datasets that a view reads, the one that it is from first. */
export function datasetsOf({ dataset, query }: Pick<ViewPlan, 'dataset' | 'query'>): string[] {
  return [dataset, ...(query?.uses ?? []).filter((name) => name !== dataset)]
}

/** The rows of a view as a relation; `relationOf`: those of a dataset. */
export function viewRelation(plan: ViewPlan, relationOf: (dataset: string) => string): string {
  const { query } = plan
  if (!query) return relationOf(plan.dataset)
  return queryRelation({ sql: query.sql, tables: query.uses, columns: query.schema }, relationOf)
}

/** Names of the keys as a SQL list, each after `table.` if given. */
export function keyList(plan: { keys: Schema }, table?: string): string {
  return Object.keys(plan.keys)
    .map((name) => (table === undefined ? quoteName(name) : `${table}.${quoteName(name)}`))
    .join(', ')
}

/** `left.k = right.k AND …` over the keys. */
export function keysEqual(plan: { keys: Schema }, left: string, right: string): string {
  return Object.keys(plan.keys)
    .map((name) => `${left}.${quoteName(name)} = ${right}.${quoteName(name)}`)
    .join(' AND ')
}
