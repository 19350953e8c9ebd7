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

export type Prediction = FlagPrediction | ClassPrediction | NumberPrediction

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
export function numberPredictions(values: ArrayLike<number>): Prediction[] {
  return Array.from(values, (value) => {
    if (!Number.isFinite(value)) throw new Error(`the model gave the number ${value}`)
    return { value }
  })
}
