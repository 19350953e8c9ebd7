import type { Label } from '@millrace/learn'
import { areFlags } from '../../registry/index.ts'

/** Of a model whose label is true or false, or 1 or 0. */
export interface FlagPrediction {
  label: number
  /** That of the label 1. */
  probability: number
}

/** Of a model of any other classes. */
export interface ClassPrediction {
  /** The most probable class; the first one at ties. */
  label: Label
  /** Of each class, by its name. */
  probabilities: Record<string, number>
}

/** Of a model for numbers. */
export interface NumberPrediction {
  value: number
}

/** Of a model that finds clusters. */
export interface ClusterPrediction {
  /** 0, 1, … */
  cluster: number
  /** Of the row from the centre of the cluster, as the learner measures it. */
  distance: number
}

/** Of a model that finds anomalies. */
export interface AnomalyPrediction {
  outlier: boolean
  /** 0 … 1, the higher the stranger. */
  score: number
}

export type Prediction =
  | FlagPrediction
  | ClassPrediction
  | NumberPrediction
  | ClusterPrediction
  | AnomalyPrediction

/** Sums of many 32-bit floats, as graphs of trees make them, may leave [0, 1] by this much. */
const slack = 1e-5

function toShare(share: number): number {
  if (!(share >= -slack && share <= 1 + slack)) throw new Error(`the model gave the probability ${share}`)
  return Math.min(1, Math.max(0, share))
}

/**
 * Predictions out of the probabilities, row after row, one for each class; the label of flags may be the model's own.
 * @throws an Error for what is no probability
 */
export function classPredictions(
  classes: readonly Label[],
  probabilities: ArrayLike<number>,
  flags?: ArrayLike<unknown>,
): Prediction[] {
  const width = classes.length
  const rows = probabilities.length / width
  if (areFlags(classes)) {
    return Array.from({ length: rows }, (_, row) => {
      const yes = toShare(probabilities[2 * row + 1])
      const label = flags ? Number(flags[row]) : Number(yes > toShare(probabilities[2 * row]))
      return { label, probability: yes }
    })
  }
  const names = classes.map(String)
  return Array.from({ length: rows }, (_, row) => {
    const shares = names.map((_, code) => toShare(probabilities[row * width + code]))
    return {
      label: classes[shares.indexOf(Math.max(...shares))],
      probabilities: Object.fromEntries(names.map((name, code) => [name, shares[code]])),
    }
  })
}

/**
 * Predictions out of numbers.
 * @throws an Error for a number that is not finite
 */
export function numberPredictions(values: ArrayLike<number>): NumberPrediction[] {
  return Array.from(values, (value) => ({ value: toFinite('number', value) }))
}

/** @throws an Error for a distance that is not finite */
export function clusterPredictions(
  clusters: ArrayLike<number | bigint>,
  distances: ArrayLike<number>,
): ClusterPrediction[] {
  return Array.from(distances, (distance, row) => ({
    cluster: Number(clusters[row]),
    distance: toFinite('distance', distance),
  }))
}

/** @throws an Error for a score that is not finite */
export function anomalyPredictions(
  outliers: ArrayLike<number | bigint>,
  scores: ArrayLike<number>,
): AnomalyPrediction[] {
  return Array.from(scores, (score, row) => ({
    outlier: Number(outliers[row]) === 1,
    score: toFinite('score', score),
  }))
}

function toFinite(what: string, value: number): number {
  if (!Number.isFinite(value)) throw new Error(`the model gave the ${what} ${value}`)
  return value
}
