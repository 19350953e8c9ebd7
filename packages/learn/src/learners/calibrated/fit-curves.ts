import type { Classification } from '../../model.ts'
import type { ClassTarget } from '../../target.ts'
import { fitIsotonic } from './isotonic.ts'
import {
  type CalibrationCurve,
  type CalibrationInput,
  type CalibrationMethod,
  curveCodes,
  readScores,
} from './model.ts'
import { fitSigmoid } from './platt.ts'

export interface CurveRules {
  readonly method: CalibrationMethod
  readonly input: CalibrationInput
}

/** The curves from what was predicted to what happened, each class against the others. */
export const fitCurves = (
  prediction: Classification,
  { codes }: ClassTarget,
  weights: Float64Array,
  { method, input }: CurveRules,
): CalibrationCurve[] =>
  curveCodes(prediction.classes.length).map((code) => {
    const outcomes = Uint8Array.from(codes, (own) => (own === code ? 1 : 0))
    const scores = readScores(prediction, code, input)
    return method === 'sigmoid'
      ? fitSigmoid(scores, outcomes, weights)
      : fitIsotonic(scores, outcomes, weights)
  })
