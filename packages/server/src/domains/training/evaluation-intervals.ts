import {
  bootstrap,
  type Classification,
  metric,
  type Regression,
  type Target,
  UndefinedMetricError,
} from '@millrace/learn'
import type { Scores } from './scores.ts'

/** How sure a metric is. */
export interface ScoreInterval {
  low: number
  high: number
  standardError: number
}

/** Percentile intervals of the bootstrap, rows drawn as if they did not depend on each other. */
export interface ScoreIntervals {
  confidence: number
  resamples: number
  /** As many rows, evenly spread, were drawn from. */
  rows: number
  metrics: Record<string, ScoreInterval>
}

const confidence = 0.95
const resamples = 200
/** Rows × resamples × metrics that are drawn: a second or two, however many rows there are. */
const budget = 40_000_000

/**
 * 95 % intervals of metrics that have a value. Of very many rows a part is drawn from, and its spread is made smaller by
 * the root of its share (m out of n bootstrap; Bickel, Götze and van Zwet 1997). The same rows give the same intervals.
 * A metric that most samples do not define has none.
 */
export function scoreIntervals(
  prediction: Classification | Regression,
  target: Target,
  scores: Scores,
  most: number = Math.floor(budget / resamples / Math.max(1, Object.keys(scores).length)),
): ScoreIntervals {
  const all = target.kind === 'classes' ? target.codes.length : target.values.length
  const step = Math.max(1, Math.ceil(all / most))
  const part = everyNth(prediction, target, step)
  const rows = Math.ceil(all / step)
  const shrink = Math.sqrt(rows / all)
  const metrics: Record<string, ScoreInterval> = {}
  for (const [name, score] of Object.entries(scores)) {
    const found = drawInterval(part, name)
    if (!found) continue
    const { estimate, low, high, standardError } = found
    metrics[name] = {
      low: score + (low - estimate) * shrink,
      high: score + (high - estimate) * shrink,
      standardError: standardError * shrink,
    }
  }
  return { confidence, resamples, rows, metrics }
}

interface Rows {
  prediction: Classification | Regression
  target: Target
}

function drawInterval({ prediction, target }: Rows, name: string) {
  try {
    const options = { metrics: [metric(name)], resamples, confidence, method: 'percentile', seed: 0 } as const
    return bootstrap(prediction, target, options)[name]
  } catch (error) {
    if (error instanceof UndefinedMetricError) return undefined
    throw error
  }
}

function everyNth(prediction: Classification | Regression, target: Target, step: number): Rows {
  if (step === 1) return { prediction, target }
  const keep = <T extends Float64Array | Int32Array>(values: T, width = 1) =>
    values.filter((_, at) => Math.floor(at / width) % step === 0) as T
  return {
    prediction:
      prediction.task === 'regression'
        ? { ...prediction, values: keep(prediction.values) }
        : { ...prediction, probabilities: keep(prediction.probabilities, prediction.classes.length) },
    target:
      target.kind === 'classes'
        ? { ...target, codes: keep(target.codes) }
        : { ...target, values: keep(target.values) },
  }
}
