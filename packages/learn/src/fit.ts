import { fitWith, predictWith } from './fit-with.ts'
import type { Frame } from './frame.ts'
import type { FitData, FitOptions, LearnerSpec } from './learner.ts'
import { getLearnerKind } from './learners.ts'
import type { Model, Prediction } from './model.ts'

/**
 * Fits what `spec` says, in this thread; `@millrace/learn/threads` fits the same model, to the last bit, in several.
 * Throws a RangeError or TypeError that names the option, column or row for input that nothing can be learnt from.
 */
export const fit = (spec: LearnerSpec, data: FitData, options: FitOptions = {}): Model =>
  fitWith(getLearnerKind, spec, data, options)

/**
 * Predicts every row. Columns may come in any order and number their categories as they like. Throws a TypeError
 * for a column that is missing or of another kind, a RangeError for one that the model does not know.
 */
export const predict = (model: Model, frame: Frame): Prediction => predictWith(getLearnerKind, model, frame)
