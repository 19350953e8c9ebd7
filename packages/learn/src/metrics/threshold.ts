import { accuracy, balancedAccuracy, f1, fBeta, matthewsCorrelation } from './class-scores.ts'
import type { Confusion, ConfusionMatrix } from './confusion.ts'
import type { WeightOptions } from './metric-weights.ts'
import { type ScoreSteps, toScoreSteps } from './score-steps.ts'
import { checkScored } from './scored.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

/** What each outcome of one row costs, in any unit; a gain is negative. Right ones cost 0 unless given. */
export interface OutcomeCosts {
  readonly falsePositive: number
  readonly falseNegative: number
  readonly truePositive?: number
  readonly trueNegative?: number
}

const thresholdMetrics = {
  accuracy,
  balancedAccuracy,
  f1,
  f2: (matrix: ConfusionMatrix) => fBeta(matrix, { beta: 2 }),
  f05: (matrix: ConfusionMatrix) => fBeta(matrix, { beta: 0.5 }),
  matthewsCorrelation,
} as const

/** One way to choose: exactly one of these, besides weights. */
export type ThresholdOptions = WeightOptions &
  (
    | { readonly costs: OutcomeCosts }
    | { readonly metric: keyof typeof thresholdMetrics }
    | { readonly minPrecision: number }
    | { readonly minRecall: number }
  )

export interface ChosenThreshold {
  /** Predict class 1 where the probability is above it. 1 predicts none; -1 all, where some probability is 0. */
  readonly threshold: number
  /** The mean cost of a row; the metric; the recall had with `minPrecision`; the precision had with `minRecall`. */
  readonly value: number
  readonly confusion: Confusion
}

/** How good a confusion is (more is better), and what is reported of it; undefined where it is not allowed. */
type Judge = (confusion: Confusion) => { readonly rank: number; readonly value: number } | undefined

const toMatrix = (c: Confusion): ConfusionMatrix => ({
  classes: 2,
  counts: Float64Array.of(c.trueNegatives, c.falsePositives, c.falseNegatives, c.truePositives),
})

const checkShare = (name: string, share: number): number => {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`${name} must be 0 … 1, not ${share}`)
  return share
}

const judgeCosts = (costs: OutcomeCosts): Judge => {
  const { falsePositive, falseNegative, truePositive = 0, trueNegative = 0 } = costs
  for (const [name, cost] of Object.entries({ falsePositive, falseNegative, truePositive, trueNegative }))
    if (!Number.isFinite(cost)) throw new RangeError(`the cost of a ${name} must be finite, not ${cost}`)
  return (c) => {
    const total = c.truePositives + c.falsePositives + c.trueNegatives + c.falseNegatives
    const cost =
      c.falsePositives * falsePositive +
      c.falseNegatives * falseNegative +
      c.truePositives * truePositive +
      c.trueNegatives * trueNegative
    return { rank: -cost, value: cost / total }
  }
}

const ways = ['costs', 'metric', 'minPrecision', 'minRecall']

const createJudge = (options: ThresholdOptions): Judge => {
  const given = ways.filter((way) => Object.hasOwn(options, way))
  if (given.length !== 1)
    throw new RangeError(
      `choose a threshold by one of ${ways.join(', ')}, not by ${given.join(' and ') || 'none'}`,
    )
  if ('costs' in options) return judgeCosts(options.costs)
  if ('metric' in options) {
    if (!Object.hasOwn(thresholdMetrics, options.metric))
      throw new RangeError(
        `a threshold cannot be chosen by '${options.metric}'; choose ${Object.keys(thresholdMetrics).join(', ')}`,
      )
    const compute = thresholdMetrics[options.metric]
    return (confusion) => {
      const value = compute(toMatrix(confusion))
      return { rank: value, value }
    }
  }
  const precisionOf = (c: Confusion): number => c.truePositives / (c.truePositives + c.falsePositives)
  const recallOf = (c: Confusion): number => c.truePositives / (c.truePositives + c.falseNegatives)
  if ('minPrecision' in options) {
    const least = checkShare('minPrecision', options.minPrecision)
    return (c) => (precisionOf(c) >= least ? { rank: recallOf(c), value: recallOf(c) } : undefined)
  }
  const least = checkShare('minRecall', options.minRecall)
  return (c) => (recallOf(c) >= least ? { rank: precisionOf(c), value: precisionOf(c) } : undefined)
}

/** A threshold between this step and the next one, below which all rows of this step are predicted as class 1. */
const between = (scores: Float64Array, step: number): number => {
  const above = step === -1 ? 1 : scores[step]
  const below = step + 1 < scores.length ? scores[step + 1] : 0
  if (step + 1 === scores.length && above === 0) return -1
  const middle = below + (above - below) / 2
  return step === -1 && below === 1 ? 1 : middle < above || step === -1 ? middle : below
}

const confusionAfter = ({ truePositives, falsePositives }: ScoreSteps, step: number): Confusion => {
  const last = truePositives.length - 1
  const right = step === -1 ? 0 : truePositives[step]
  const wrong = step === -1 ? 0 : falsePositives[step]
  return {
    truePositives: right,
    falsePositives: wrong,
    trueNegatives: falsePositives[last] - wrong,
    falseNegatives: truePositives[last] - right,
  }
}

/**
 * The threshold on the probability of class 1 with the lowest cost (Elkan 2001), the best metric, the best recall
 * with a precision of at least `minPrecision`, or the best precision with a recall of at least `minRecall`; the
 * highest such threshold at ties. It lies in the middle between two probabilities that occur. Choose on rows that
 * the model has not learnt from, and measure on others.
 * Throws a RangeError for bad input, and an UndefinedMetricError if no threshold meets the condition.
 */
export const chooseThreshold = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: ThresholdOptions,
): ChosenThreshold => {
  const judge = createJudge(options)
  const checked = checkScored(labels, probabilities, { weights: options.weights })
  const steps = toScoreSteps(checked, probabilities)
  let best: (ChosenThreshold & { readonly rank: number }) | undefined
  for (let step = -1; step < steps.scores.length; step += 1) {
    const confusion = confusionAfter(steps, step)
    const judged = judge(confusion)
    if (judged === undefined || !(judged.rank > (best?.rank ?? -Infinity))) continue
    best = { ...judged, confusion, threshold: between(steps.scores, step) }
  }
  if (best === undefined) throw new UndefinedMetricError('no threshold meets the condition on these rows')
  const { threshold, value, confusion } = best
  return { threshold, value, confusion }
}
