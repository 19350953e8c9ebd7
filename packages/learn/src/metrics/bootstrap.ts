import { checkInteger } from '../check-integer.ts'
import type { Prediction } from '../model.ts'
import { createRandom, type Random } from '../random.ts'
import { countUp, shuffle } from '../splits/shuffle.ts'
import type { Target } from '../target.ts'
import { bcaInterval, percentileInterval } from './confidence-interval.ts'
import { computeScores, type EvaluateOptions, resolveMetrics, standardMetrics } from './evaluate.ts'
import { toEvaluationRows } from './evaluation-rows.ts'
import type { EvaluationRows, MetricSpec } from './metric.ts'
import { getMetricKind } from './metric-kinds.ts'
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

/** A metric with its confidence interval, in the units of the metric. */
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

/** What is drawn as one: rows of one query, or single rows. */
interface Units {
  /** Numbers of units that are drawn from among themselves: by class if stratified. */
  readonly strata: readonly Uint32Array[]
  readonly total: number
  /** The unit of each row; undefined where each row is one. */
  readonly unitOf: Uint32Array | undefined
}

const listUnits = (rows: EvaluationRows, isStratified: boolean): Units => {
  if (isStratified) {
    if (rows.task !== 'classification' || rows.queries)
      throw new RangeError('a stratified bootstrap needs classes, and no queries')
    const members = rows.classes.map((): number[] => [])
    for (let row = 0; row < rows.rows; row += 1) members[rows.codes[row]].push(row)
    const strata = members.filter((own) => own.length > 0).map((own) => Uint32Array.from(own))
    return { strata, total: rows.rows, unitOf: undefined }
  }
  const { queries } = rows
  if (!queries) return { strata: [countUp(rows.rows)], total: rows.rows, unitOf: undefined }
  const known = new Map<string | number, number>()
  const unitOf = new Uint32Array(rows.rows)
  for (let row = 0; row < rows.rows; row += 1) {
    const unit = known.get(queries[row]) ?? known.size
    known.set(queries[row], unit)
    unitOf[row] = unit
  }
  return { strata: [countUp(known.size)], total: known.size, unitOf }
}

/** Sets how often each unit is drawn. */
const draw = (strata: readonly Uint32Array[], random: Random, counts: Uint32Array): void => {
  counts.fill(0)
  for (const units of strata)
    for (let drawn = 0; drawn < units.length; drawn += 1) counts[units[random.below(units.length)]] += 1
}

const maxSingleUnits = 1000
const blockCount = 200

/** Which units are left out together: each alone, or random blocks of units where there are many. */
const jackknifeBlocks = (total: number, random: Random): Uint32Array[] => {
  const units = countUp(total)
  if (total <= maxSingleUnits) return Array.from(units, (unit) => Uint32Array.of(unit))
  const shuffled = shuffle(units, random)
  return Array.from({ length: blockCount }, (_, block) =>
    shuffled.subarray(
      Math.floor((block * total) / blockCount),
      Math.floor(((block + 1) * total) / blockCount),
    ),
  )
}

const checkOptions = ({ resamples = 1000, confidence = 0.95, method = 'bca' }: BootstrapOptions) => {
  checkInteger('resamples', resamples, [10, 1_000_000])
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence must be between 0 and 1, not ${confidence}`)
  if (method !== 'bca' && method !== 'percentile')
    throw new RangeError(`method must be 'bca' or 'percentile', not '${String(method)}'`)
  return { resamples, confidence, method }
}

/** What the metrics are under many weightings of the same rows, those left out that are undefined. */
const scoreWeightings = (
  rows: EvaluationRows,
  metrics: readonly MetricSpec[],
  { unitOf }: Units,
): { add(counts: Uint32Array): void; readonly values: readonly (readonly number[])[] } => {
  const prepared = metrics.map(({ kind, options }) => getMetricKind(kind).prepare(rows, options))
  const values = metrics.map((): number[] => [])
  const weights = new Float64Array(rows.rows)
  const add = (counts: Uint32Array): void => {
    let some = false
    for (let row = 0; row < weights.length; row += 1) {
      const count = counts[unitOf ? unitOf[row] : row]
      weights[row] = rows.weights ? count * rows.weights[row] : count
      some ||= weights[row] > 0
    }
    if (!some) return
    prepared.forEach((compute, index) => {
      try {
        values[index].push(compute(weights))
      } catch (error) {
        if (!(error instanceof UndefinedMetricError)) throw error
      }
    })
  }
  return { add, values }
}

/** Standard deviation (n − 1). */
const spreadOf = (values: Float64Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

/**
 * Confidence intervals of metrics by the bootstrap (Efron 1979): metrics of as many rows drawn with replacement, many
 * times. Rows of one query are drawn together. The acceleration of 'bca' comes from a jackknife, above 1000 rows (queries)
 * from one over 200 random blocks of them (Efron & Tibshirani 1993, 11.5), which leaves the ends of the interval where they
 * are but for a small part of their own noise. A sample is how often each row was drawn: what does not depend on that, as
 * the order by score and the loss of each row, is computed once. The same seed gives the same intervals.
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
  const { scores: estimates, undefinedScores } = computeScores(rows, metrics)
  const [missing] = Object.values(undefinedScores)
  if (options.metrics && missing !== undefined) throw new UndefinedMetricError(missing)
  const defined = metrics.filter(({ name }) => Object.hasOwn(estimates, name))
  const units = listUnits(rows, options.stratified ?? false)
  const counts = new Uint32Array(units.total)
  const samples = scoreWeightings(rows, defined, units)
  const random = createRandom(options.seed ?? 0)
  for (let sample = 0; sample < resamples; sample += 1) {
    draw(units.strata, random, counts)
    samples.add(counts)
  }
  const jackknives = scoreWeightings(rows, defined, units)
  if (method === 'bca')
    for (const block of jackknifeBlocks(units.total, createRandom(options.seed ?? 0, 1))) {
      counts.fill(1)
      for (const unit of block) counts[unit] = 0
      jackknives.add(counts)
    }
  return Object.fromEntries(
    defined.map(({ name }, index) => {
      const distribution = Float64Array.from(samples.values[index])
      if (distribution.length * 2 < resamples)
        throw new UndefinedMetricError(
          `${name} is undefined in ${resamples - distribution.length} of ${resamples} samples; a stratified bootstrap or more rows may help`,
        )
      const estimate = estimates[name]
      const jackknife = Float64Array.from(jackknives.values[index])
      const interval =
        method === 'bca'
          ? bcaInterval({ estimate, distribution, jackknife }, confidence)
          : percentileInterval(distribution, confidence)
      const standardError = spreadOf(distribution)
      return [name, { estimate, ...interval, standardError, samples: distribution.length }]
    }),
  )
}
