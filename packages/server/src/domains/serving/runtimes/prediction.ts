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

/**
 * Predictions out of the probabilities, row after row, one for each class.
 * @throws an Error for what is no probability
 */
export function classPredictions(classes: readonly Label[], probabilities: ArrayLike<number>): Prediction[] {
  const width = classes.length
  for (let i = 0; i < probabilities.length; i++) {
    const share = probabilities[i]
    if (!(share >= 0 && share <= 1)) throw new Error(`the model gave the probability ${share}`)
  }
  const rows = probabilities.length / width
  if (areFlags(classes)) {
    return Array.from({ length: rows }, (_, row) => {
      const probability = probabilities[2 * row + 1]
      return { label: probability > probabilities[2 * row] ? 1 : 0, probability }
    })
  }
  const names = classes.map(String)
  return Array.from({ length: rows }, (_, row) => {
    let best = 0
    const shares: Record<string, number> = {}
    for (let code = 0; code < width; code++) {
      const share = probabilities[row * width + code]
      shares[names[code]] = share
      if (share > probabilities[row * width + best]) best = code
    }
    return { label: classes[best], probabilities: shares }
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
