import { quoteName } from '../../kernel/sql.ts'
import { sqlType } from '../data/index.ts'
import { type AggregateFeature, keyList, type Operand, type ViewPlan } from './view-plan.ts'

/** 2^40: what a fractional operand is multiplied by before it is summed as an integer. */
const fractionScale = 1_099_511_627_776

/** `floor(us / hop)`, also before 1970. */
export function tileOf(us: string, hopUs: number): string {
  return `((${us}) - ((${us}) % ${hopUs} + ${hopUs}) % ${hopUs}) // ${hopUs}`
}

/**
 * Events summed per key and hop: `tile$`, `newest$` (µs of the last event), `n$` (events), and per operand `s$`
 * (sum) and `c$` (events that have a value); no column of a dataset has a `$` in its name. All are integers, so the
 * order of adding cannot change a bit: a fractional operand is rounded to the nearest 2^-40 first (sums up to 7e25
 * fit); NaN and infinities count as missing.
 */
export function tilesQuery(plan: ViewPlan, relation: string): string {
  const time = quoteName(plan.timestamp)
  const operands = plan.operands.map((operand, i) => `${integerOperand(operand)} AS e$${i}`)
  const notNull = Object.keys(plan.keys).map((name) => `${quoteName(name)} IS NOT NULL`)
  const sums = plan.operands.map((_, i) => `CAST(sum(e$${i}) AS HUGEINT) AS s$${i}, count(e$${i}) AS c$${i}`)
  return `SELECT ${keyList(plan)}, ${tileOf('us$', plan.hopUs)} AS tile$, max(us$) AS newest$, ${['count(*) AS n$', ...sums].join(', ')}
    FROM (SELECT ${[keyList(plan), `epoch_us(${time}) AS us$`, ...operands].join(', ')} FROM ${relation}
      WHERE ${[`${time} IS NOT NULL`, ...notNull].join(' AND ')})
    GROUP BY ${keyList(plan)}, tile$`
}

function integerOperand({ sql, fractional }: Operand): string {
  if (!fractional) return `CAST((${sql}\n) AS BIGINT)`
  const value = `CAST((${sql}\n) AS DOUBLE)`
  return `CASE WHEN isfinite(${value}) THEN CAST(${value} * ${fractionScale} AS HUGEINT) END`
}

/** The measures that a feature's value is made of: SQL of events, sum and number of values in its window. */
export interface WindowMeasures {
  events: string
  sum: string
  count: string
}

/**
 * The value of an aggregate: 0 events count as 0, and have no sum and no mean. The one formula for training and
 * serving; the division is the last and only rounding.
 */
export function aggregateValue(plan: ViewPlan, feature: AggregateFeature, measures: WindowMeasures): string {
  const type = sqlType(feature.type)
  if (feature.aggregate === 'count') return `CAST(${measures.events} AS ${type})`
  const { fractional } = plan.operands[feature.operand]
  const sum = fractional ? `(CAST(${measures.sum} AS DOUBLE) / ${fractionScale})` : measures.sum
  const value = feature.aggregate === 'sum' ? sum : `CAST(${sum} AS DOUBLE) / ${measures.count}`
  return `CASE WHEN ${measures.count} > 0 THEN CAST(${value} AS ${type}) END`
}
