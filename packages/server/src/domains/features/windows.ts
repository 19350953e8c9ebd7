import { quoteName } from '../../kernel/sql.ts'
import { aggregateValue, tileOf, tilesQuery } from './tiles.ts'
import { keyList, keysEqual, type ViewPlan } from './view-plan.ts'

export interface PointInTimeView {
  plan: ViewPlan
  /** The view's dataset version as a relation. */
  relation: string
}

/**
 * The tables of one view's aggregates for the point-in-time join; the last, `values<i>`, has a row per key and hop of
 * the relation `spine`. Running sums per key are looked up once where the windows end and once per distinct window
 * where they begin.
 */
export function windowTables({ plan, relation }: PointInTimeView, i: number, timestamp: string): string[] {
  const measures = ['n$', ...plan.operands.flatMap((_, o) => [`s$${o}`, `c$${o}`])]
  const windows = [...new Set(plan.aggregates.map((feature) => feature.hops))]
  const running = measures.map((m) => `sum(${m}) OVER w AS ${m}`)
  const starts = windows.map(
    (hops, w) => `ASOF LEFT JOIN running${i} AS start${w}
      ON ${keysEqual(plan, 'points', `start${w}`)} AND points.hop$ - ${hops} > start${w}.tile$`,
  )
  const values = plan.aggregates.map((feature) => {
    const start = `start${windows.indexOf(feature.hops)}`
    const between = (m: string) => `(coalesce(ending.${m}, 0) - coalesce(${start}.${m}, 0))`
    const operand = feature.operand
    const value = aggregateValue(plan, feature, {
      events: between('n$'),
      sum: between(`s$${operand}`),
      count: between(`c$${operand}`),
    })
    return `${unlessExpired(plan, value)} AS ${quoteName(feature.name)}`
  })
  return [
    `running${i} AS MATERIALIZED (SELECT ${keyList(plan)}, tile$, newest$, ${running.join(', ')}
      FROM (${tilesQuery(plan, relation)})
      WINDOW w AS (PARTITION BY ${keyList(plan)} ORDER BY tile$ ROWS UNBOUNDED PRECEDING))`,
    `values${i} AS (SELECT ${keyList(plan, 'points')}, points.hop$, ${values.join(', ')}
      FROM (SELECT DISTINCT ${keyList(plan)}, ${tileOf(`epoch_us(${quoteName(timestamp)})`, plan.hopUs)} AS hop$ FROM spine) AS points
      ASOF LEFT JOIN running${i} AS ending ON ${keysEqual(plan, 'points', 'ending')} AND points.hop$ > ending.tile$
      ${starts.join(' ')})`,
  ]
}

function unlessExpired(plan: ViewPlan, value: string): string {
  if (plan.ttlUs === null) return value
  return `CASE WHEN ending.newest$ IS NULL OR ending.newest$ >= points.hop$ * ${plan.hopUs} - ${plan.ttlUs} THEN ${value} END`
}
