import { checkInteger } from '../check-integer.ts'
import type { Prediction } from '../model.ts'
import { createRandom, type Random } from '../random.ts'
import { countUp, shuffle } from '../splits/shuffle.ts'
import type { Target } from '../target.ts'
import { bcaInterval, percentileInterval } from './confidence-interval.ts'
import { computeScores, type EvaluateOptions, resolveMetrics, standardMetrics } from './evaluate.ts'
import { toEvaluationRows } from './evaluation-rows.ts'
import type { EvaluationRows, MetricSpec } from './metric.ts'
import { resolveMetricWeights } from './metric-weights.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

export interface BootstrapOptions extends EvaluateOptions {
  /** Default 1000 (scipy's is 9999). */
  readonly resamples?: number
  /** 0 < confidence < 1. Default 0.95. */
  readonly confidence?: number
  /** 'bca' (default, as scipy's) or 'percentile'. */
  readonly method?: 'percentile' | 'bca'
  /** Draws as many rows of each class as there are, so that rare classes are in every sample. Default false. */
  readonly stratified?: boolean
  /** Default 0. */
  readonly seed?: number
}

export interface BootstrapInterval {
  /** The metric of all rows. */
  readonly estimate: number
  readonly low: number
  readonly high: number
  /** Standard deviation over the samples (n − 1). */
  readonly standardError: number
  /** Samples that define the metric. */
  readonly samples: number
}

/** What is drawn as one: rows of one query, or single rows; by class if stratified. */
const listUnits = (rows: EvaluationRows, isStratified: boolean): { strata: number[][][] } => {
  if (isStratified && (rows.task !== 'classification' || rows.queries))
    throw new RangeError('a stratified bootstrap needs classes, and no queries')
  const units = new Map<string | number, number[]>()
  for (let row = 0; row < rows.rows; row += 1) {
    const key = rows.queries?.[row] ?? row
    const own = units.get(key)
    if (own) own.push(row)
    else units.set(key, [row])
  }
  if (!isStratified || rows.task !== 'classification') return { strata: [[...units.values()]] }
  const strata = rows.classes.map((_, code) =>
    [...units.values()].filter(([row]) => rows.codes[row] === code),
  )
  return { strata: strata.filter((own) => own.length > 0) }
}

/** Sets how often each row is drawn. */
const draw = (strata: readonly number[][][], random: Random, counts: Float64Array): void => {
  counts.fill(0)
  for (const units of strata)
    for (let drawn = 0; drawn < units.length; drawn += 1)
      for (const row of units[random.below(units.length)]) counts[row] += 1
}

const maxJackknife = 1000

/** Rows to leave out together: each unit, or random blocks of units where there are many. */
const jackknifeBlocks = (strata: readonly number[][][], random: Random): number[][] => {
  const units = strata.flat()
  if (units.length <= maxJackknife) return units
  const blocks = Array.from({ length: maxJackknife }, (): number[] => [])
  shuffle(countUp(units.length), random).forEach((unit, place) => {
    blocks[place % maxJackknife].push(...units[unit])
  })
  return blocks
}

const checkOptions = ({ resamples = 1000, confidence = 0.95, method = 'bca' }: BootstrapOptions) => {
  checkInteger('resamples', resamples, [10, 1_000_000])
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence must be between 0 and 1, not ${confidence}`)
  if (method !== 'bca' && method !== 'percentile')
    throw new RangeError(`method must be 'bca' or 'percentile', not '${String(method)}'`)
  return { resamples, confidence, method }
}

/** Scores with each row counted as often as `counts` says; metrics that are undefined then are left out. */
const scoreCounts = (rows: EvaluationRows, metrics: readonly MetricSpec[], counts: Float64Array) => {
  const weights = rows.weights
  const counted = weights ? counts.map((count, row) => count * weights[row]) : counts
  if (!counted.some((weight) => weight > 0)) return {}
  // A query's weight must be that of all its rows; rows of queries are drawn together, so it is.
  return computeScores({ ...rows, weights: counted }, metrics).scores
}

/**
 * Confidence intervals of metrics by the bootstrap (Efron 1979): metrics of as many rows drawn with replacement, many
 * times. Rows of one query are drawn together. The acceleration of 'bca' comes from a jackknife, above 1000 rows from one
 * over 1000 random blocks. The same seed gives the same intervals.
 * Throws as `evaluate`, a RangeError for wrong options, and an UndefinedMetricError for a metric that is undefined in
 * more than half of the samples.
 */
export const bootstrap = (
  prediction: Prediction,
  target: Target,
  options: BootstrapOptions = {},
): Readonly<Record<string, BootstrapInterval>> => {
  const { resamples, confidence, method } = checkOptions(options)
  const rows = toEvaluationRows(prediction, target, options)
  const metrics = resolveMetrics(options.metrics ?? standardMetrics(rows))
  const given = Float64Array.from(resolveMetricWeights(undefined, rows.rows))
  const { scores: estimates, undefinedScores } = computeScores(rows, metrics)
  const [missing] = Object.values(undefinedScores)
  if (options.metrics && missing !== undefined) throw new UndefinedMetricError(missing)
  const defined = metrics.filter(({ name }) => Object.hasOwn(estimates, name))
  const { strata } = listUnits(rows, options.stratified ?? false)
  const random = createRandom(options.seed ?? 0)
  const counts = new Float64Array(rows.rows)
  const samples = Array.from({ length: resamples }, () => {
    draw(strata, random, counts)
    return scoreCounts(rows, defined, counts)
  })
  const blocks = method === 'bca' ? jackknifeBlocks(strata, createRandom(options.seed ?? 0, 1)) : []
  const jackknives = blocks.map((block) => {
    counts.set(given)
    for (const row of block) counts[row] = 0
    return scoreCounts(rows, defined, counts)
  })
  const listOf = (all: readonly Readonly<Record<string, number>>[], name: string): Float64Array =>
    Float64Array.from(all.flatMap((scores) => (Object.hasOwn(scores, name) ? [scores[name]] : [])))
  return Object.fromEntries(
    defined.map(({ name }) => {
      const distribution = listOf(samples, name)
      if (distribution.length * 2 < resamples)
        throw new UndefinedMetricError(
          `${name} is undefined in ${resamples - distribution.length} of ${resamples} samples; a stratified bootstrap or more rows may help`,
        )
      const estimate = estimates[name]
      const interval =
        method === 'bca'
          ? bcaInterval({ estimate, distribution, jackknife: listOf(jackknives, name) }, confidence)
          : percentileInterval(distribution, confidence)
      const mean = distribution.reduce((sum, value) => sum + value, 0) / distribution.length
      const squares = distribution.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      const standardError = Math.sqrt(squares / (distribution.length - 1))
      return [name, { estimate, ...interval, standardError, samples: distribution.length }]
    }),
  )
}
