import type { Classification, Model } from '../../model.ts'
import type { Label } from '../../target.ts'
import { type IsotonicCurve, interpolate } from './isotonic.ts'
import { type SigmoidCurve, sigmoid } from './platt.ts'

export type CalibrationMethod = 'sigmoid' | 'isotonic'
export type CalibrationInput = 'logit' | 'probability'
export type CalibrationCurve = SigmoidCurve | IsotonicCurve

/** A model and what its probabilities mean. */
export interface CalibratedMember {
  readonly model: Model
  /** For two classes the curve of the second, else one for each class. */
  readonly curves: readonly CalibrationCurve[]
}

export interface CalibratedModel extends Model {
  readonly kind: 'calibrated'
  readonly output: { readonly task: 'classification'; readonly classes: readonly Label[] }
  readonly input: CalibrationInput
  /** Their probabilities are averaged. */
  readonly members: readonly CalibratedMember[]
}

/** Probabilities are taken to be at least this: a logit is finite. */
export const leastProbability = 1e-6

/** The classes that have a curve, as codes. */
export const curveCodes = (classes: number): number[] =>
  classes === 2 ? [1] : Array.from({ length: classes }, (_, code) => code)

/**
 * What the curve of a class is a function of, for each row: its probability, or log(p / (1 - p)). Probabilities are
 * rounded to float32, as they are in ONNX.
 */
export const readScores = (
  { classes, probabilities }: Classification,
  code: number,
  input: CalibrationInput,
): Float64Array => {
  const count = classes.length
  return Float64Array.from({ length: probabilities.length / count }, (_, row) => {
    const own = Math.fround(probabilities[row * count + code])
    if (input === 'probability') return own
    let others = 0
    for (let other = 0; other < count; other += 1)
      if (other !== code) others += Math.fround(probabilities[row * count + other])
    return Math.log(Math.max(own, leastProbability)) - Math.log(Math.max(others, leastProbability))
  })
}

const applyCurve = (curve: CalibrationCurve, score: number): number =>
  'slope' in curve ? sigmoid(curve.slope * score + curve.intercept) : interpolate(curve, score)

/**
 * The calibrated probabilities of a member. Of more than two classes each has its own curve, and what comes out is
 * divided by its sum (Zadrozny & Elkan 2002); where all are 0, all are alike.
 */
export const calibrateProbabilities = (
  prediction: Classification,
  curves: readonly CalibrationCurve[],
  input: CalibrationInput,
): Float64Array => {
  const count = prediction.classes.length
  const probabilities = new Float64Array(prediction.probabilities.length)
  curveCodes(count).forEach((code, index) => {
    readScores(prediction, code, input).forEach((score, row) => {
      probabilities[row * count + code] = applyCurve(curves[index], score)
    })
  })
  for (let start = 0; start < probabilities.length; start += count) {
    const row = probabilities.subarray(start, start + count)
    if (count === 2) row[0] = 1 - row[1]
    else {
      const sum = row.reduce((total, share) => total + share, 0)
      for (let code = 0; code < count; code += 1) row[code] = sum > 0 ? row[code] / sum : 1 / count
    }
  }
  return probabilities
}
