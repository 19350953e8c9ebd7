import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeColumns, LakeOptions } from '../../ports/lake.ts'
import type { OnlineStore } from '../../ports/online-store.ts'
import { timeLiteral } from '../data/index.ts'
import { isKnown, knownTime, lastCreated, lastValue, rankedRow } from './newest-rows.ts'
import { onlineTables } from './online-key.ts'
import { writeColumns } from './online-writer.ts'
import { isSummed, summedValue, tilesQuery, valueTilesQuery } from './tiles.ts'
import { type AggregateFeature, keyList, type ViewPlan } from './view-plan.ts'

export interface MaterializeDeps {
  lake: Lake
  online: OnlineStore
}

export interface WriteOptions extends LakeOptions {
  /** Sees the rows once they are written: from the column `first` on the values of the features of these names. */
  onPart?(part: LakeColumns, features: { first: number; names: readonly string[] }): void
}

/** The operands whose values are counted one by one. */
function countedOperands(plan: ViewPlan): number[] {
  return plan.operands.flatMap(({ kind }, i) => (kind === 'values' ? [i] : []))
}

/** The tables of the lake that belong to the tiles `name`. */
export function tileTables(plan: ViewPlan, name: string): string[] {
  return [name, `${name}_keys`, ...countedOperands(plan).map((i) => `${name}_values${i}`)]
}

/**
 * Builds the tiles of a view over one dataset version as a table of the lake, ordered by time so that a window reads
 * a few row groups, and the first event of each key beside it. Returns the table's name.
 */
export async function buildTiles(
  lake: Lake,
  input: { plan: ViewPlan; relation: string; version: string },
): Promise<string> {
  const { plan, relation, version } = input
  const name = `tiles_${plan.name}_${plan.version}_${version}`
  const [tiles, known, ...values] = tileTables(plan, name).map(quoteName)
  const keys = keyList(plan)
  const counted = countedOperands(plan).map(
    (operand, place) =>
      `CREATE OR REPLACE TABLE ${values[place]} AS SELECT * FROM (${valueTilesQuery(plan, operand, relation)}) ORDER BY tile$, ${keys}`,
  )
  await lake.run(
    [
      `CREATE OR REPLACE TABLE ${tiles} AS SELECT * FROM (${tilesQuery(plan, relation)}) ORDER BY tile$, ${keys}`,
      `CREATE OR REPLACE TABLE ${known} AS SELECT ${keys}, min(tile$) AS first$ FROM ${tiles} GROUP BY ${keys}`,
      ...counted,
    ].join(';\n'),
  )
  return name
}

/**
 * Writes the aggregates as of T, a multiple of the hop, for every key with an event before T. They are made of the
 * same tiles that training uses, so online and offline values are equal to the last bit.
 * @returns the number of keys
 */
export async function writeAggregates(
  deps: MaterializeDeps,
  input: { plan: ViewPlan; tiles: string; asOf: number },
  options: WriteOptions = {},
): Promise<number> {
  const { plan } = input
  const at = (input.asOf * 1000) / plan.hopUs
  const longest = Math.max(...plan.aggregates.map((feature) => feature.hops))
  const [tiles, known] = [quoteName(input.tiles), quoteName(`${input.tiles}_keys`)]
  const using = keyList(plan)
  const joins: string[] = []
  const values = plan.aggregates.map((feature) => {
    const within = `FILTER (tile$ >= ${at - feature.hops})`
    const counted = `counted${joins.length}`
    if (isCounted(feature)) {
      const table = quoteName(`${input.tiles}_values${feature.operand}`)
      joins.push(`LEFT JOIN (${countedValue(plan, feature, { table, at })}) AS ${counted} USING (${using})`)
    }
    const value = valueWithin(plan, feature, { within, counted })
    const fresh = plan.ttlUs === null ? value : `CASE WHEN any_value(fresh$) THEN ${value} END`
    return `${isNumber(feature) ? `CAST(${fresh} AS DOUBLE)` : fresh} AS ${quoteName(feature.name)}`
  })
  const keys = Object.keys(plan.keys).length
  let written = 0
  await deps.lake.batches(
    `SELECT ${using}, ${values.join(', ')} FROM (SELECT * FROM ${known} WHERE first$ < ${at})
     LEFT JOIN (SELECT * FROM ${tiles} WHERE tile$ >= ${at - longest} AND tile$ < ${at}) USING (${using})
     ${joins.join(' ')}
     ${plan.ttlUs === null ? '' : `LEFT JOIN ${freshKeys(plan, { tiles, asOfUs: input.asOf * 1000, ttlUs: plan.ttlUs })} USING (${using})`}
     GROUP BY ${using} ORDER BY ${storedOrder(plan)}`,
    async (part) => {
      await writeColumns(deps.online, onlineTables(plan).aggregates, part, {
        layout: { keys, eventTime: input.asOf },
        signal: options.signal,
      })
      options.onPart?.(part, { first: keys, names: plan.aggregates.map(({ name }) => name) })
      written += part.rows
    },
    options,
  )
  return written
}

/** Doubles are what the lake hands over without a conversion; the store holds JSON numbers anyway. */
function isNumber({ type }: AggregateFeature): boolean {
  return type === 'int64' || type === 'float64'
}

function isCounted({ aggregate }: AggregateFeature): boolean {
  return aggregate === 'distinct' || aggregate === 'top'
}

/** The value of an aggregate over the tiles of one key that are `within` its window. */
function valueWithin(
  plan: ViewPlan,
  feature: AggregateFeature,
  { within, counted }: { within: string; counted: string },
): string {
  if (isSummed(feature)) return summedValue(plan, feature, (m) => `coalesce(sum(${m}) ${within}, 0)`)
  switch (feature.aggregate) {
    case 'min':
      return `min(lo$${feature.operand}) ${within}`
    case 'max':
      return `max(hi$${feature.operand}) ${within}`
    case 'first':
      return `(min(first$${feature.operand}) ${within}).v`
    case 'last':
      return `(max(last$${feature.operand}) ${within}).v`
    case 'distinct':
      return `coalesce(any_value(${counted}.value$), 0)`
    default:
      return `any_value(${counted}.value$)`
  }
}

/** Per key that has one: the number of distinct values in the window, or the value of the wanted rank. */
function countedValue(
  plan: ViewPlan,
  { aggregate, hops, rank }: AggregateFeature,
  { table, at }: { table: string; at: number },
): string {
  const keys = keyList(plan)
  const window = `FROM ${table} WHERE tile$ >= ${at - hops} AND tile$ < ${at}`
  if (aggregate === 'distinct')
    return `SELECT ${keys}, count(DISTINCT value$) AS value$ ${window} GROUP BY ${keys}`
  return `SELECT ${keys}, value$ FROM (SELECT ${keys}, value$, sum(n$) AS n$ ${window} GROUP BY ${keys}, value$)
    QUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY n$ DESC, value$) = ${rank}`
}

/** Keys that have an event in `[T - ttl, T)`. */
function freshKeys(plan: ViewPlan, input: { tiles: string; asOfUs: number; ttlUs: number }): string {
  const first = Math.floor((input.asOfUs - input.ttlUs) / plan.hopUs)
  return `(SELECT DISTINCT ${keyList(plan)}, true AS fresh$ FROM ${input.tiles}
    WHERE tile$ >= ${first} AND tile$ < ${input.asOfUs / plan.hopUs} AND newest$ >= ${input.asOfUs - input.ttlUs})`
}

/**
 * Writes each key's newest row of those that became known with `after < time <= until` (milliseconds; `after` null =
 * from the start), but for rows with an event time before `floor`. `greatest`: of rows with one event time the greatest
 * stays, for these are not all of them.
 * @returns the number of keys that had one
 */
export async function writeLast(
  deps: MaterializeDeps,
  input: {
    plan: ViewPlan
    relation: string
    after: number | null
    until: number
    floor?: number | null
    greatest?: boolean
  },
  options: WriteOptions = {},
): Promise<number> {
  const { plan } = input
  const time = quoteName(plan.timestamp)
  const known = knownTime(plan, 'events')
  const after = input.after === null ? '' : `AND ${known} > ${timeLiteral(input.after)}`
  const { floor = null } = input
  const kept = floor === null ? '' : `AND ${time} >= ${timeLiteral(floor)}`
  const keys = Object.keys(plan.keys).length
  const created = plan.created ? `, ${lastCreated('found$.r')} AS created$` : ''
  const features = keys + (plan.created ? 2 : 1)
  let written = 0
  await deps.lake.batches(
    `SELECT ${keyList(plan)}, found$.t AS event_time$ ${created}, ${plan.last.map((_, place) => `${lastValue(plan, 'found$.r', place)} AS v$${place}`).join(', ')}
     FROM (SELECT ${keyList(plan)}, max(struct_pack(t := ${time}, r := ${rankedRow(plan)})) AS found$
       FROM ${input.relation} AS events WHERE ${isKnown(plan)} AND ${known} <= ${timeLiteral(input.until)} ${after} ${kept} GROUP BY ${keyList(plan)}) ORDER BY ${storedOrder(plan)}`,
    async (part) => {
      await writeColumns(deps.online, onlineTables(plan).last, part, {
        layout: { keys, created: plan.created !== undefined },
        ties: input.greatest ? 'greatest' : 'replace',
        signal: options.signal,
      })
      options.onPart?.(part, { first: features, names: plan.last.map(({ name }) => name) })
      written += part.rows
    },
    options,
  )
  return written
}

/** The order of keys as texts, which is about that of the store: a tree takes them several times faster in its order. */
function storedOrder(plan: ViewPlan): string {
  return Object.keys(plan.keys)
    .map((name) => `CAST(${quoteName(name)} AS VARCHAR)`)
    .join(', ')
}

/** When the first row of a view became known, milliseconds; null without rows. */
export async function firstKnown(
  lake: Lake,
  { plan, relation }: { plan: ViewPlan; relation: string },
): Promise<number | null> {
  const [{ first }] = await lake.rows<{ first: number | null }>(
    `SELECT min(${knownTime(plan, 'events')}) AS first FROM ${relation} AS events WHERE ${isKnown(plan)}`,
  )
  return first
}
