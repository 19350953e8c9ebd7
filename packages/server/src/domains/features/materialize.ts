import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeColumn, LakeColumns, LakeOptions } from '../../ports/lake.ts'
import type { OnlineRow, OnlineStore } from '../../ports/online-store.ts'
import { timeLiteral } from '../data/index.ts'
import { isKnown, knownTime, lastValue, rankedRow } from './newest-rows.ts'
import type { FeatureValue } from './on-demand.ts'
import { onlineKey, onlineTables } from './online-key.ts'
import { aggregateValue, tilesQuery } from './tiles.ts'
import { keyList, type ViewPlan } from './view-plan.ts'

/** Rows per write: one write is one transaction and runs on the event loop. */
const batch = 5_000

export interface MaterializeDeps {
  lake: Lake
  online: OnlineStore
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
  const [tiles, keys] = [quoteName(name), quoteName(`${name}_keys`)]
  await lake.run(
    `CREATE OR REPLACE TABLE ${tiles} AS SELECT * FROM (${tilesQuery(plan, relation)}) ORDER BY tile$, ${keyList(plan)};
     CREATE OR REPLACE TABLE ${keys} AS SELECT ${keyList(plan)}, min(tile$) AS first$ FROM ${tiles} GROUP BY ${keyList(plan)}`,
  )
  return name
}

/**
 * Writes the aggregates as of T, a multiple of the hop, for every key with an event before T. They are the sums of
 * the same tiles that training uses, so online and offline values are equal to the last bit.
 * @returns the number of keys
 */
export async function writeAggregates(
  deps: MaterializeDeps,
  input: { plan: ViewPlan; tiles: string; asOf: number },
  options: LakeOptions = {},
): Promise<number> {
  const { plan } = input
  const at = (input.asOf * 1000) / plan.hopUs
  const longest = Math.max(...plan.aggregates.map((feature) => feature.hops))
  const [tiles, known] = [quoteName(input.tiles), quoteName(`${input.tiles}_keys`)]
  const values = plan.aggregates.map((feature) => {
    const inWindow = (m: string) => `coalesce(sum(${m}) FILTER (tile$ >= ${at - feature.hops}), 0)`
    const value = aggregateValue(plan, feature, {
      events: inWindow('n$'),
      sum: inWindow(`s$${feature.operand}`),
      count: inWindow(`c$${feature.operand}`),
    })
    const fresh = plan.ttlUs === null ? value : `CASE WHEN any_value(fresh$) THEN ${value} END`
    // Doubles are what the lake hands over without a conversion; the store holds JSON numbers anyway.
    return `CAST(${fresh} AS DOUBLE) AS ${quoteName(feature.name)}`
  })
  const using = keyList(plan)
  const keys = Object.keys(plan.keys).length
  const { columns, rows } = await deps.lake.columns(
    `SELECT ${using}, ${values.join(', ')} FROM (SELECT * FROM ${known} WHERE first$ < ${at})
     LEFT JOIN (SELECT * FROM ${tiles} WHERE tile$ >= ${at - longest} AND tile$ < ${at}) USING (${using})
     ${plan.ttlUs === null ? '' : `LEFT JOIN ${freshKeys(plan, { tiles, asOfUs: input.asOf * 1000, ttlUs: plan.ttlUs })} USING (${using})`}
     GROUP BY ${using}`,
    options,
  )
  await writeRows(deps.online, onlineTables(plan).aggregates, { columns, rows }, (values) => ({
    key: values.slice(0, keys),
    eventTime: input.asOf,
    values: values.slice(keys),
  }))
  return rows
}

/** Keys that have an event in `[T - ttl, T)`. */
function freshKeys(plan: ViewPlan, input: { tiles: string; asOfUs: number; ttlUs: number }): string {
  const first = Math.floor((input.asOfUs - input.ttlUs) / plan.hopUs)
  return `(SELECT DISTINCT ${keyList(plan)}, true AS fresh$ FROM ${input.tiles}
    WHERE tile$ >= ${first} AND tile$ < ${input.asOfUs / plan.hopUs} AND newest$ >= ${input.asOfUs - input.ttlUs})`
}

/**
 * Writes each key's newest row of those that became known with `after < time <= until` (milliseconds; `after` null =
 * from the start).
 * @returns the number of keys that had one
 */
export async function writeLast(
  deps: MaterializeDeps,
  input: { plan: ViewPlan; relation: string; after: number | null; until: number },
  options: LakeOptions = {},
): Promise<number> {
  const { plan } = input
  const time = quoteName(plan.timestamp)
  const known = knownTime(plan, 'events')
  const after = input.after === null ? '' : `AND ${known} > ${timeLiteral(input.after)}`
  const { columns, rows } = await deps.lake.columns(
    `SELECT ${keyList(plan)}, found$.t AS event_time$, ${plan.last.map((_, place) => `${lastValue(plan, 'found$.r', place)} AS v$${place}`).join(', ')}
     FROM (SELECT ${keyList(plan)}, max(struct_pack(t := ${time}, r := ${rankedRow(plan)})) AS found$
       FROM ${input.relation} AS events WHERE ${isKnown(plan)} AND ${known} <= ${timeLiteral(input.until)} ${after} GROUP BY ${keyList(plan)})`,
    options,
  )
  const keys = Object.keys(plan.keys).length
  await writeRows(deps.online, onlineTables(plan).last, { columns, rows }, (values) => ({
    key: values.slice(0, keys),
    eventTime: values[keys] as number,
    values: values.slice(keys + 1),
  }))
  return rows
}

type KeyedRow = Omit<OnlineRow, 'key'> & { key: FeatureValue[] }

async function writeRows(
  online: OnlineStore,
  table: string,
  { columns, rows }: LakeColumns,
  toRow: (values: FeatureValue[]) => KeyedRow,
): Promise<void> {
  const read = columns.map(readerOf)
  for (let start = 0; start < rows; start += batch) {
    const written: OnlineRow[] = []
    for (let row = start; row < Math.min(rows, start + batch); row++) {
      const { key: keys, ...value } = toRow(read.map((valueAt) => valueAt(row)))
      const key = onlineKey(keys)
      if (key !== undefined) written.push({ key, ...value })
    }
    await online.write(table, written)
  }
}

function readerOf(column: LakeColumn): (row: number) => FeatureValue {
  if (column.kind === 'string') {
    return (row) => (column.codes[row] < 0 ? null : column.dictionary[column.codes[row]])
  }
  const { values, kind } = column
  return (row) => (Number.isNaN(values[row]) ? null : kind === 'boolean' ? values[row] !== 0 : values[row])
}
