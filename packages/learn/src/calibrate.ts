import { checkFitData } from './check-data.ts'
import type { TrainingData } from './learner.ts'
import { type CalibrateOptions, calibrateWith } from './learners/calibrated/calibrated.ts'
import type { CalibratedModel } from './learners/calibrated/model.ts'
import { getLearnerKind } from './learners.ts'
import type { Model } from './model.ts'

/**
 * Calibrates a classifier that has been fitted, by rows that it has not seen (scikit-learn's FrozenEstimator in
 * CalibratedClassifierCV); see `calibrated` for doing both at once. The target must list the model's classes.
 * Throws a RangeError for wrong options and other classes, and as `predict` does.
 */
export const calibrate = (
  model: Model,
  held: TrainingData,
  options: CalibrateOptions = {},
): CalibratedModel => {
  checkFitData(held)
  return calibrateWith(getLearnerKind, model, held, options)
}
