import { sqlType } from '../data/index.ts'
import { tileOf, valueTilesQuery } from './tiles.ts'
import { type AggregateFeature, keyList, keysEqual, type ViewPlan } from './view-plan.ts'

/** How aggregates over distinct values are found for `points`, a relation with the keys, `hop$` and `point$`. */
interface ValueLookups {
  tables: string[]
  /** Joins by `point$`. */
  joins: string[]
  /** SQL of a feature once all is joined. */
  values: Map<AggregateFeature, string>
}

interface Input {
  plan: ViewPlan
  relation: string
  points: string
}

/** Tables for `distinct` and `top`: one per operand, for all windows and ranks together. */
export function lookUpValues(input: Input): ValueLookups {
  const { plan } = input
  const lookups: ValueLookups = { tables: [], joins: [], values: new Map() }
  const find = (aggregate: 'distinct' | 'top', operand: number) =>
    plan.aggregates.filter((feature) => feature.aggregate === aggregate && feature.operand === operand)
  for (const operand of plan.operands.keys()) {
    for (const aggregate of ['distinct', 'top'] as const) {
      const features = find(aggregate, operand)
      if (features.length === 0) continue
      const table = `${input.points}_${aggregate}${operand}`
      const windows = [...new Set(features.map(({ hops }) => hops))]
      const query = aggregate === 'distinct' ? distinctQuery : topQuery
      lookups.tables.push(`${table} AS (${query(input, operand, { windows, features })})`)
      lookups.joins.push(`LEFT JOIN ${table} USING (point$)`)
      for (const feature of features) {
        const place = `${table}.window${windows.indexOf(feature.hops)}`
        const value =
          aggregate === 'distinct'
            ? `CAST(coalesce(${place}, 0) AS ${sqlType(feature.type)})`
            : `${place}[${feature.rank}].v`
        lookups.values.set(feature, value)
      }
    }
  }
  return lookups
}

interface Wanted {
  /** Lengths in hops, each once. */
  windows: readonly number[]
  features: readonly AggregateFeature[]
}

/**
 * Values are counted in the tile where they occurred last before the window's end: from the hop after a tile, and until
 * the value occurs again or the tile leaves the window. So the count is a running sum, of which the points are rows.
 */
function distinctQuery({ plan, relation, points }: Input, operand: number, { windows }: Wanted): string {
  const keys = keyList(plan)
  const changes = (of: (w: number) => string) => windows.map((_, w) => `${of(w)} AS change${w}`).join(', ')
  const leaving = windows.map(
    (hops, w) =>
      `UNION ALL SELECT ${keys}, least(again$, from$ + ${hops}), ${changes((v) => (v === w ? '-1' : '0'))} FROM seen`,
  )
  const running = windows.map((_, w) => `sum(change${w}) OVER past AS window${w}`)
  return `WITH seen AS MATERIALIZED (SELECT ${keys}, tile$ + 1 AS from$,
        lead(tile$) OVER (PARTITION BY ${keys}, value$ ORDER BY tile$) + 1 AS again$
      FROM (${valueTilesQuery(plan, operand, relation)}))
    SELECT * FROM (SELECT point$, ${running.join(', ')} FROM (
        SELECT ${keys}, hop$, NULL AS point$, ${changes((w) => `CAST(sum(change${w}) AS BIGINT)`)}
        FROM (SELECT ${keys}, from$ AS hop$, ${changes(() => '1')} FROM seen ${leaving.join(' ')}) GROUP BY ${keys}, hop$
        UNION ALL BY NAME SELECT * FROM ${points})
      WINDOW past AS (PARTITION BY ${keys} ORDER BY hop$)) WHERE point$ IS NOT NULL`
}

/** How much more a value of a key costs at a point than one of its tiles does. */
const valueCost = 8

/**
 * How often each value is in a window, then the most frequent ones, of equally frequent ones the least. Keys with few
 * values that come often are counted value by value, the others tile by tile.
 */
function topQuery(input: Input, operand: number, { windows, features }: Wanted): string {
  const { plan, relation, points } = input
  const keys = keyList(plan)
  const longest = Math.max(...windows)
  const tops = windows.map((hops, w) => {
    const ranks = Math.max(...features.filter((feature) => feature.hops === hops).map(({ rank }) => rank))
    return `min(struct_pack(n := -n${w}, v := value$), ${ranks}) FILTER (n${w} IS NOT NULL) AS window${w}`
  })
  const of = (table: string, join: 'SEMI' | 'ANTI') =>
    `(SELECT * FROM ${table} AS all$ ${join} JOIN steady ON ${keysEqual(plan, 'all$', 'steady')})`
  return `WITH tiles AS MATERIALIZED (${valueTilesQuery(plan, operand, relation)}),
      steady AS MATERIALIZED (SELECT ${keys} FROM tiles GROUP BY ${keys} HAVING count(DISTINCT value$) * ${valueCost}
        < count(*) * least(1, 2 * ${longest} / (max(tile$) - min(tile$) + 1)))
    SELECT point$, ${tops.join(', ')} FROM (${countTiles(plan, { tiles: of('tiles', 'ANTI'), points: of(points, 'ANTI'), windows })}
      UNION ALL ${countValues(plan, { tiles: of('tiles', 'SEMI'), points: of(points, 'SEMI'), windows })})
    GROUP BY point$`
}

interface Counted {
  tiles: string
  points: string
  windows: readonly number[]
}

/**
 * `point$`, `value$` and how often it is in each window, null if never, out of the tiles that are in it. Every window
 * touches one or two spans of the longest's length: joining by span meets few tiles outside of it.
 */
function countTiles(plan: ViewPlan, { tiles, points, windows }: Counted): string {
  const longest = Math.max(...windows)
  const span = (hop: string) => tileOf(hop, longest)
  const counts = windows.map((hops, w) => `sum(n$) FILTER (tile$ >= hop$ - ${hops}) AS n${w}`)
  return `SELECT point$, value$, ${counts.join(', ')}
    FROM (SELECT *, unnest(list_distinct([${span(`hop$ - ${longest}`)}, ${span('hop$ - 1')}])) AS span$ FROM ${points}) AS points
    JOIN (SELECT *, ${span('tile$')} AS span$ FROM ${tiles}) AS tiles
      ON ${keysEqual(plan, 'points', 'tiles')} AND points.span$ = tiles.span$
        AND tiles.tile$ >= points.hop$ - ${longest} AND tiles.tile$ < points.hop$
    GROUP BY point$, value$`
}

/** The same, out of the tiles of each value in the order of time: its cost does not grow with what is in a window. */
function countValues(plan: ViewPlan, { tiles, points, windows }: Counted): string {
  const keys = keyList(plan)
  const counts = windows.map(
    (hops, w) => `sum(n$) OVER (PARTITION BY ${keys}, value$ ORDER BY hop$
      RANGE BETWEEN CASE WHEN point$ IS NULL THEN 0 ELSE ${hops} END PRECEDING AND 1 PRECEDING) AS n${w}`,
  )
  return `SELECT * FROM (SELECT point$, value$, ${counts.join(', ')} FROM (
      SELECT ${keys}, value$, tile$ AS hop$, n$, NULL AS point$ FROM ${tiles}
      UNION ALL SELECT ${keyList(plan, 'points')}, value$, hop$, NULL, point$
        FROM ${points} AS points JOIN (SELECT DISTINCT ${keys}, value$ FROM ${tiles}) AS known ON ${keysEqual(plan, 'points', 'known')}))
    WHERE point$ IS NOT NULL`
}
