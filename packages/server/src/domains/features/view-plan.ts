import type {
  ColumnType,
  DatasetDefinition,
  EntityDefinition,
  FeatureDefinition,
  FeatureViewDefinition,
  Schema,
} from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { emptyRelation } from '../data/index.ts'
import { columnsOfDataset, versionOf } from '../definitions/index.ts'

type Aggregation = Extract<FeatureDefinition, { aggregate: string }>

export interface AggregateFeature {
  name: string
  type: ColumnType
  aggregate: Aggregation['aggregate']
  /** Index into `operands`; -1 for a count of rows. */
  operand: number
  /** Length of the window in hops. */
  hops: number
}

/** An expression that is summed. Fractions are summed as integers, in multiples of 2^-40. */
export interface Operand {
  sql: string
  fractional: boolean
}

/** A feature view made ready for SQL. Times in it are microseconds, tiles are numbers of hops since the epoch. */
export interface ViewPlan {
  name: string
  version: string
  dataset: string
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
}

/** Resolves a view: its features by kind, windows in hops, and which operands are fractional. */
export async function planView(
  lake: Lake,
  view: FeatureViewDefinition,
  refers: { entity: EntityDefinition; dataset: DatasetDefinition },
): Promise<ViewPlan> {
  const aggregates: AggregateFeature[] = []
  const last: ViewPlan['last'] = []
  const sqls: string[] = []
  for (const [name, feature] of Object.entries(view.features)) {
    if ('last' in feature) {
      last.push({ name, type: feature.type, column: feature.last })
      continue
    }
    const sql = feature.aggregate === 'count' ? undefined : feature.sql
    if (sql !== undefined && !sqls.includes(sql)) sqls.push(sql)
    aggregates.push({
      name,
      type: feature.type,
      aggregate: feature.aggregate,
      operand: sql === undefined ? -1 : sqls.indexOf(sql),
      hops: feature.windowMs / view.hopMs,
    })
  }
  const columns = columnsOfDataset(refers.dataset)
  return {
    name: view.name,
    version: versionOf(view),
    dataset: view.from,
    keys: refers.entity.key,
    timestamp: view.timestamp,
    ...(view.created !== undefined && { created: { column: view.created, filter: true } }),
    ttlUs: view.ttlMs === null ? null : view.ttlMs * 1000,
    hopUs: view.hopMs * 1000,
    aggregates,
    operands: await Promise.all(sqls.map((sql) => describeOperand(lake, sql, columns))),
    last,
    features: Object.fromEntries(Object.entries(view.features).map(([name, { type }]) => [name, type])),
  }
}

async function describeOperand(lake: Lake, sql: string, columns: Schema): Promise<Operand> {
  const [{ column_type: type }] = await lake.rows<{ column_type: string }>(
    `DESCRIBE SELECT (${sql}\n) AS value FROM ${emptyRelation(columns)}`,
  )
  return { sql, fractional: type === 'DOUBLE' || type === 'FLOAT' || type.startsWith('DECIMAL(') }
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
