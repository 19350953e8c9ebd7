import { quoteName } from '../../kernel/sql.ts'
import { sqlType } from '../data/index.ts'
import { isSummed, summedMeasures, summedValue, tileOf, tilesQuery, valueTilesQuery } from './tiles.ts'
import { type AggregateFeature, keyList, keysEqual, type ViewPlan } from './view-plan.ts'

export interface PointInTimeView {
  plan: ViewPlan
  /** The view's dataset version as a relation. */
  relation: string
}

/** Where a window's value is looked up: a join with `points`, and the value's SQL once it is joined. */
interface Lookup {
  tables: string[]
  join: string
  value: string
}

/** What the lookups of one view need to know. */
interface Context {
  plan: ViewPlan
  relation: string
  /** Place of the view: part of the tables' names. */
  i: number
}

/**
 * The tables of one view's aggregates for the point-in-time join; the last, `values<i>`, has a row per key and hop of
 * the relation `spine`. What is a sum is looked up in running sums: once where the windows end and once per distinct
 * window where they begin. The others have a lookup each.
 */
export function windowTables({ plan, relation }: PointInTimeView, i: number, timestamp: string): string[] {
  const windows = [...new Set(plan.aggregates.filter(isSummed).map((feature) => feature.hops))]
  const running = summedMeasures(plan).map((m) => `sum(${m}) OVER w AS ${m}`)
  const starts = windows.map(
    (hops, w) => `ASOF LEFT JOIN running${i} AS start${w}
      ON ${keysEqual(plan, 'points', `start${w}`)} AND points.hop$ - ${hops} > start${w}.tile$`,
  )
  const lookups: Lookup[] = []
  const values = plan.aggregates.map((feature) => {
    const start = `start${windows.indexOf(feature.hops)}`
    const between = (m: string) => `(coalesce(ending.${m}, 0) - coalesce(${start}.${m}, 0))`
    const lookup = isSummed(feature) ? undefined : lookUp({ plan, relation, i }, feature, lookups.length)
    if (lookup) lookups.push(lookup)
    const value = lookup?.value ?? summedValue(plan, feature, between)
    return `${unlessExpired(plan, value)} AS ${quoteName(feature.name)}`
  })
  return [
    `points${i} AS MATERIALIZED (SELECT DISTINCT ${keyList(plan)}, ${tileOf(`epoch_us(${quoteName(timestamp)})`, plan.hopUs)} AS hop$ FROM spine)`,
    `tiles${i} AS ${lookups.length > 0 ? 'MATERIALIZED' : 'NOT MATERIALIZED'} (${tilesQuery(plan, relation)})`,
    `running${i} AS MATERIALIZED (SELECT ${keyList(plan)}, tile$, newest$, ${running.join(', ')}
      FROM tiles${i} WINDOW w AS (PARTITION BY ${keyList(plan)} ORDER BY tile$ ROWS UNBOUNDED PRECEDING))`,
    ...lookups.flatMap(({ tables }) => tables),
    `values${i} AS (SELECT ${keyList(plan, 'points')}, points.hop$, ${values.join(', ')}
      FROM points${i} AS points
      ASOF LEFT JOIN running${i} AS ending ON ${keysEqual(plan, 'points', 'ending')} AND points.hop$ > ending.tile$
      ${[...starts, ...lookups.map(({ join }) => join)].join(' ')})`,
  ]
}

function unlessExpired(plan: ViewPlan, value: string): string {
  if (plan.ttlUs === null) return value
  return `CASE WHEN ending.newest$ IS NULL OR ending.newest$ >= points.hop$ * ${plan.hopUs} - ${plan.ttlUs} THEN ${value} END`
}

function lookUp(context: Context, feature: AggregateFeature, n: number): Lookup {
  switch (feature.aggregate) {
    case 'min':
    case 'max':
      return lookUpExtreme(context, feature, n)
    case 'distinct':
      return lookUpDistinct(context, feature, n)
    case 'top':
      return lookUpTop(context, feature, n)
    default:
      return lookUpEnd(context, feature, n)
  }
}

/** The extreme of a sliding frame over the tiles, in which the points stand as rows without a value. */
function lookUpExtreme({ plan, i }: Context, feature: AggregateFeature, n: number): Lookup {
  const measure = `${feature.aggregate === 'min' ? 'lo$' : 'hi$'}${feature.operand}`
  const [keys, table] = [keyList(plan), `extreme${i}_${n}`]
  return {
    tables: [
      `${table} AS (SELECT ${keys}, hop$, value$ FROM (
        SELECT ${keys}, hop$, is_point$, ${feature.aggregate}(value$) OVER
          (PARTITION BY ${keys} ORDER BY hop$ RANGE BETWEEN ${feature.hops} PRECEDING AND 1 PRECEDING) AS value$
        FROM (SELECT ${keys}, tile$ AS hop$, ${measure} AS value$, false AS is_point$ FROM tiles${i} WHERE ${measure} IS NOT NULL
          UNION ALL SELECT ${keys}, hop$, NULL, true FROM points${i})) WHERE is_point$)`,
    ],
    join: `LEFT JOIN ${table} ON ${keysEqual(plan, 'points', table)} AND points.hop$ = ${table}.hop$`,
    value: `${table}.value$`,
  }
}

/** The first tile with a value that is in the window, or the last one. */
function lookUpEnd({ plan, i }: Context, feature: AggregateFeature, n: number): Lookup {
  const { aggregate, hops } = feature
  const [table, measure] = [`end${i}_${n}`, `${aggregate}$${feature.operand}`]
  const [near, inside] =
    aggregate === 'last'
      ? [`points.hop$ > ${table}.tile$`, `${table}.tile$ >= points.hop$ - ${hops}`]
      : [`points.hop$ - ${hops} <= ${table}.tile$`, `${table}.tile$ < points.hop$`]
  return {
    tables: [
      `${table} AS (SELECT ${keyList(plan)}, tile$, ${measure}.v AS value$ FROM tiles${i} WHERE ${measure} IS NOT NULL)`,
    ],
    join: `ASOF LEFT JOIN ${table} ON ${keysEqual(plan, 'points', table)} AND ${near}`,
    value: `CASE WHEN ${inside} THEN ${table}.value$ END`,
  }
}

/**
 * Values are counted in the tile where they occurred last before the window's end: from the hop after a tile, and until
 * the value occurs again or the tile leaves the window. So the count is a running sum.
 */
function lookUpDistinct(context: Context, feature: AggregateFeature, n: number): Lookup {
  const { plan, relation, i } = context
  const [keys, table] = [keyList(plan), `distinct${i}_${n}`]
  return {
    tables: [
      `seen${i}_${n} AS MATERIALIZED (SELECT ${keys}, tile$ + 1 AS from$,
          least(lead(tile$) OVER (PARTITION BY ${keys}, value$ ORDER BY tile$), tile$ + ${feature.hops}) + 1 AS until$
        FROM (${valueTilesQuery(plan, feature.operand, relation)}))`,
      `${table} AS (SELECT ${keys}, at$, sum(change$) OVER (PARTITION BY ${keys} ORDER BY at$ ROWS UNBOUNDED PRECEDING) AS n$
        FROM (SELECT ${keys}, at$, sum(change$) AS change$ FROM (
            SELECT ${keys}, from$ AS at$, 1 AS change$ FROM seen${i}_${n}
            UNION ALL SELECT ${keys}, until$, -1 FROM seen${i}_${n}) GROUP BY ${keys}, at$))`,
    ],
    join: `ASOF LEFT JOIN ${table} ON ${keysEqual(plan, 'points', table)} AND points.hop$ >= ${table}.at$`,
    value: `CAST(coalesce(${table}.n$, 0) AS ${sqlType(feature.type)})`,
  }
}

/** Every window touches one or two spans of its own length: joining by span meets few tiles outside of it. */
function lookUpTop(context: Context, feature: AggregateFeature, n: number): Lookup {
  const { plan, relation, i } = context
  const { hops, rank } = feature
  const [keys, table] = [keyList(plan), `top${i}_${n}`]
  const span = (hop: string) => tileOf(hop, hops)
  return {
    tables: [
      `${table} AS (SELECT ${keys}, hop$, value$ FROM (
          SELECT ${keyList(plan, 'points')}, hop$, value$, sum(n$) AS n$ FROM (
            SELECT *, unnest(list_distinct([${span(`hop$ - ${hops}`)}, ${span('hop$ - 1')}])) AS span$ FROM points${i}) AS points
          JOIN (SELECT *, ${span('tile$')} AS span$ FROM (${valueTilesQuery(plan, feature.operand, relation)})) AS tiles
            ON ${keysEqual(plan, 'points', 'tiles')} AND points.span$ = tiles.span$
              AND tiles.tile$ >= points.hop$ - ${hops} AND tiles.tile$ < points.hop$
          GROUP BY ${keyList(plan, 'points')}, hop$, value$)
        QUALIFY row_number() OVER (PARTITION BY ${keys}, hop$ ORDER BY n$ DESC, value$) = ${rank})`,
    ],
    join: `LEFT JOIN ${table} ON ${keysEqual(plan, 'points', table)} AND points.hop$ = ${table}.hop$`,
    value: `${table}.value$`,
  }
}
