import { quoteName } from '../../kernel/sql.ts'
import { sqlType } from '../data/index.ts'
import { type AggregateFeature, keyList, type Operand, type ViewPlan } from './view-plan.ts'

/** 2^40: what a fractional operand is multiplied by before it is summed as an integer. */
const fractionScale = 1_099_511_627_776
/** 2^24: the same before it is squared. */
const squareScale = 16_777_216

/** `floor(us / hop)`, also before 1970. */
export function tileOf(us: string, hopUs: number): string {
  return `((${us}) - ((${us}) % ${hopUs} + ${hopUs}) % ${hopUs}) // ${hopUs}`
}

/**
 * Events summed up per key and hop: `tile$`, `newest$` (µs of the last event), `n$` (events), and per operand what
 * its aggregates are made of; no column of a dataset has a `$` in its name. Tiles of one key and hop can be merged
 * in any order and grouping without a change of a bit:
 *
 * - `s$` (sum), `c$` (events that have a value) and `q$` (sum of squares) are integers. A fractional operand is
 *   rounded to the nearest 2^-40 first (sums up to 7e25 fit), to the nearest 2^-24 where its squares are summed
 *   (sums of squares up to 6e23 fit).
 * - `lo$` and `hi$` are the least and the greatest value.
 * - `first$` and `last$` are pairs of time (`t`) and value (`v`); of values at one microsecond `first$` takes the
 *   least and `last$` the greatest.
 *
 * NaN and infinities count as missing, and missing values do not count.
 */
export function tilesQuery(plan: ViewPlan, relation: string): string {
  const operands = plan.operands.map((operand, i) => `${operandValue(operand)} AS e$${i}`)
  const measures = plan.operands.flatMap((operand, i) => tileMeasures(operand, i))
  return `SELECT ${keyList(plan)}, ${tileOf('us$', plan.hopUs)} AS tile$, max(us$) AS newest$, ${['count(*) AS n$', ...measures].join(', ')}
    FROM ${events(plan, relation, operands)} GROUP BY ${keyList(plan)}, tile$`
}

/** Number of events (`n$`) per key, hop and value (`value$`) of one operand; those without a value are left out. */
export function valueTilesQuery(plan: ViewPlan, operand: number, relation: string): string {
  const value = `${operandValue(plan.operands[operand])} AS value$`
  return `SELECT ${keyList(plan)}, ${tileOf('us$', plan.hopUs)} AS tile$, value$, count(*) AS n$
    FROM ${events(plan, relation, [value])} WHERE value$ IS NOT NULL GROUP BY ${keyList(plan)}, tile$, value$`
}

function events(plan: ViewPlan, relation: string, columns: string[]): string {
  const time = quoteName(plan.timestamp)
  const notNull = [plan.timestamp, ...Object.keys(plan.keys)].map((name) => `${quoteName(name)} IS NOT NULL`)
  return `(SELECT ${[keyList(plan), `epoch_us(${time}) AS us$`, ...columns].join(', ')} FROM ${relation}
      WHERE ${notNull.join(' AND ')})`
}

function operandValue({ sql, kind, fractional, type }: Operand): string {
  if (!fractional) return `CAST((${sql}\n) AS ${kind === 'squares' ? 'HUGEINT' : type})`
  const value = `CAST((${sql}\n) AS DOUBLE)`
  const scaled = (scale: number) => `CAST(${value} * ${scale} AS HUGEINT)`
  // Adding 0 turns -0 into 0: both are equal, so which one is the least would be a matter of order.
  const taken =
    kind === 'sum' ? scaled(fractionScale) : kind === 'squares' ? scaled(squareScale) : `${value} + 0`
  return `CASE WHEN isfinite(${value}) THEN ${taken} END`
}

function tileMeasures({ kind }: Operand, i: number): string[] {
  const value = `e$${i}`
  const pair = `struct_pack(t := us$, v := ${value})`
  switch (kind) {
    case 'sum':
      return [`CAST(sum(${value}) AS HUGEINT) AS s$${i}`, `count(${value}) AS c$${i}`]
    case 'squares':
      return [
        `CAST(sum(${value}) AS HUGEINT) AS s$${i}`,
        `count(${value}) AS c$${i}`,
        `CAST(sum(${value} * ${value}) AS HUGEINT) AS q$${i}`,
      ]
    case 'extremes':
      return [`min(${value}) AS lo$${i}`, `max(${value}) AS hi$${i}`]
    case 'ends':
      return [
        `min(${pair}) FILTER (${value} IS NOT NULL) AS first$${i}`,
        `max(${pair}) FILTER (${value} IS NOT NULL) AS last$${i}`,
      ]
    case 'values':
      return []
  }
}

/** The measures that are sums, so that those of a window are a difference of running sums. */
export function summedMeasures(plan: ViewPlan): string[] {
  return [
    'n$',
    ...plan.operands.flatMap(({ kind }, i) => {
      if (kind === 'sum') return [`s$${i}`, `c$${i}`]
      return kind === 'squares' ? [`s$${i}`, `c$${i}`, `q$${i}`] : []
    }),
  ]
}

/** Whether an aggregate is made of {@link summedMeasures}. */
export function isSummed({ aggregate }: AggregateFeature): boolean {
  return aggregate === 'count' || aggregate === 'sum' || aggregate === 'mean' || aggregate === 'std'
}

/**
 * The value of an aggregate that is made of sums; `of`: SQL of a measure of the window. 0 events count as 0, and have
 * no sum and no mean; fewer than 2 have no standard deviation. The one formula for training and serving.
 */
export function summedValue(
  plan: ViewPlan,
  feature: AggregateFeature,
  of: (measure: string) => string,
): string {
  const type = sqlType(feature.type)
  if (feature.aggregate === 'count') return `CAST(${of('n$')} AS ${type})`
  const { fractional } = plan.operands[feature.operand]
  const [total, count] = [of(`s$${feature.operand}`), of(`c$${feature.operand}`)]
  if (feature.aggregate === 'std') {
    const scale = fractional ? squareScale : 1
    return `CASE WHEN ${count} > 1 THEN ${deviation(total, count, of(`q$${feature.operand}`))} / ${scale} END`
  }
  const sum = fractional ? `(CAST(${total} AS DOUBLE) / ${fractionScale})` : total
  // The division is the last and only rounding.
  const value = feature.aggregate === 'sum' ? sum : `CAST(${sum} AS DOUBLE) / ${count}`
  return `CASE WHEN ${count} > 0 THEN CAST(${value} AS ${type}) END`
}

/**
 * The sample standard deviation out of n, s = Σx and q = Σx², which are integers. With m = ⌊s / n⌋ and r = s - n·m,
 * Σ(x - m)² = q - m·(s + r) is exact, and r² / n is what m is beside the mean: nothing large cancels in a fraction.
 */
function deviation(s: string, n: string, q: string): string {
  const r = `((${s} % ${n} + ${n}) % ${n})`
  const m = `((${s} - ${r}) // ${n})`
  const around = `CAST(${q} - ${m} * (${s} + ${r}) AS DOUBLE)`
  return `sqrt(greatest(${around} - CAST(${r} AS DOUBLE) * CAST(${r} AS DOUBLE) / ${n}, 0) / (${n} - 1))`
}
