import type { FlagPrediction, PredictedValue, Prediction } from './serving.ts'

/** What one feature of a row adds to the score. */
export interface Contribution {
  feature: string
  /** As the model was given it, times in milliseconds; null is missing. */
  value: string | number | boolean | null
  contribution: number
}

/** Why a score is what it is: `base` + the contributions + `others` = `score`. */
export interface ScoreExplanation {
  /** The class that the score speaks for; absent for a number. */
  label?: string | number | boolean
  /** The score of no row in particular: its mean over the rows that the model learnt from. */
  base: number
  score: number
  /** The largest by absolute value first. */
  contributions: Contribution[]
  /** The sum of the contributions that were left out; absent if none was. */
  others?: number
}

export interface Explanation {
  /**
   * What makes predictions of scores. `identity`: the score is the number or, of forests, the probability; `logistic`:
   * it is log-odds; `softmax`: one of the scores of all classes; `exp`: the logarithm of the number. Of a calibrated
   * classifier the model within is explained, before the calibration.
   */
  link: 'identity' | 'logistic' | 'softmax' | 'exp'
  /** One for a number, and for two classes that of the second; for more classes one each. */
  scores: ScoreExplanation[]
}

/** A prediction and why it is so. */
export interface ExplainedPrediction<P extends PredictedValue = FlagPrediction>
  extends Omit<Prediction<P>, 'id'> {
  /** Absent if the request had none. */
  id?: string
  explanation: Explanation
}

export interface ExplainOptions {
  /** The most contributions to give; all by default. */
  top?: number
}
