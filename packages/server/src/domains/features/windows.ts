import { quoteName } from '../../kernel/sql.ts'
import { ofKeys } from './pruned-view.ts'
import { isSummed, summedMeasures, summedValue, tileOf, tilesQuery } from './tiles.ts'
import { lookUpValues } from './value-windows.ts'
import { type AggregateFeature, keyList, type ViewPlan } from './view-plan.ts'

export interface PointInTimeView {
  plan: ViewPlan
  /** The view's dataset version as a relation. */
  relation: string
}

/**
 * The tables of one view's aggregates for the point-in-time join; the last, `values<i>`, has a row per key and hop of
 * the relation `spine`, its points. Tiles and points of a key stand in one order of time, so that one sort serves all
 * windows; only what counts distinct values is looked up apart.
 */
export function windowTables({ plan, relation }: PointInTimeView, i: number, timestamp: string): string[] {
  const points = `points${i}`
  const hop = tileOf(`epoch_us(${quoteName(timestamp)})`, plan.hopUs)
  const hasKey = Object.keys(plan.keys).map((name) => `${quoteName(name)} IS NOT NULL`)
  const asked = ofKeys({ plan, relation }, points)
  const frames = new Frames(plan)
  const lookups = lookUpValues({ plan, relation: asked, points })
  const values = plan.aggregates.map((feature) => {
    const value = lookups.values.get(feature) ?? framedValue(plan, feature, frames)
    return `${unlessExpired(plan, value, frames)} AS ${quoteName(feature.name)}`
  })
  return [
    `${points} AS MATERIALIZED (SELECT *, row_number() OVER () AS point$
      FROM (SELECT DISTINCT ${keyList(plan)}, ${hop} AS hop$ FROM spine WHERE ${hasKey.join(' AND ')}))`,
    ...lookups.tables,
    `values${i} AS (SELECT ${keyList(plan, 'framed')}, hop$, ${values.join(', ')}
      FROM (${frames.query(tilesQuery(plan, asked), points)}) AS framed ${lookups.joins.join(' ')})`,
  ]
}

function unlessExpired(plan: ViewPlan, value: string, frames: Frames): string {
  if (plan.ttlUs === null) return value
  const newest = `${frames.running(0)}.newest$`
  return `CASE WHEN ${newest} IS NULL OR ${newest} >= hop$ * ${plan.hopUs} - ${plan.ttlUs} THEN ${value} END`
}

function framedValue(plan: ViewPlan, feature: AggregateFeature, frames: Frames): string {
  const { aggregate, operand, hops } = feature
  if (isSummed(feature)) {
    const [end, start] = [frames.running(0), frames.running(hops)]
    return summedValue(plan, feature, (m) => `(coalesce(${end}.${m}, 0) - coalesce(${start}.${m}, 0))`)
  }
  switch (aggregate) {
    case 'min':
      return frames.column(`min(lo$${operand})`, hops)
    case 'max':
      return frames.column(`max(hi$${operand})`, hops)
    default:
      return frames.column(`${aggregate}_value(${aggregate}$${operand}.v IGNORE NULLS)`, hops)
  }
}

/** Window functions over the tiles before a point, each once however often it is asked for. */
class Frames {
  readonly #plan: ViewPlan
  readonly #columns = new Map<string, string>()

  constructor(plan: ViewPlan) {
    this.#plan = plan
  }

  /** The column of a function over the tiles in the `hops` before a point. */
  column(call: string, hops: number): string {
    // Frames of tiles themselves are empty: nobody asks for their values.
    return this.#columnOf(`${call} OVER (${this.#line()} RANGE BETWEEN CASE WHEN point$ IS NULL THEN 0 ELSE ${hops} END
      PRECEDING AND 1 PRECEDING)`)
  }

  /** The column with the running sums of all tiles that ended `hops` before a point, and the time of their newest event. */
  running(hops: number): string {
    return this.#columnOf(`last_value(running$ IGNORE NULLS) OVER (${this.#line()} RANGE BETWEEN UNBOUNDED PRECEDING
      AND ${hops + 1} PRECEDING)`)
  }

  /** SQL of the points with these columns. */
  query(tiles: string, points: string): string {
    const columns = [...this.#columns].map(([sql, name]) => `, ${sql} AS ${name}`)
    const sums = summedMeasures(this.#plan).map((m) => `, ${m} := sum(${m}) OVER past`)
    const line = `SELECT *, tile$ AS hop$, NULL AS point$, struct_pack(newest$ := newest$${sums.join('')}) AS running$
        FROM (${tiles}) WINDOW past AS (PARTITION BY ${keyList(this.#plan)} ORDER BY tile$ ROWS UNBOUNDED PRECEDING)
      UNION ALL BY NAME SELECT * FROM ${points}`
    return `SELECT * FROM (SELECT ${keyList(this.#plan)}, hop$, point$${columns.join('')} FROM (${line}))
      WHERE point$ IS NOT NULL`
  }

  #line(): string {
    return `PARTITION BY ${keyList(this.#plan)} ORDER BY hop$`
  }

  #columnOf(sql: string): string {
    const known = this.#columns.get(sql)
    if (known) return known
    const name = `frame$${this.#columns.size}`
    this.#columns.set(sql, name)
    return name
  }
}
