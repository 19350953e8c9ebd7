import { brierScore, expectedCalibrationError, logLoss, rocAuc } from '@millrace/learn'

export interface Scores {
  rocAuc: number
  logLoss: number
}

export interface ModelScores extends Scores {
  brier: number
  calibrationError: number
  meanPredicted: number
  observedRate: number
}

/** Both classes must occur. */
export function scoresOf(labels: Float64Array, probabilities: Float64Array): Scores {
  return { rocAuc: rocAuc(labels, probabilities), logLoss: logLoss(labels, probabilities) }
}

export function modelScoresOf(labels: Float64Array, probabilities: Float64Array): ModelScores {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    ...scoresOf(labels, probabilities),
    brier: brierScore(labels, probabilities),
    calibrationError: expectedCalibrationError(labels, probabilities),
    meanPredicted: mean(probabilities),
    observedRate: mean(labels),
  }
}
