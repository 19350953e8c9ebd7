import { alignFrame } from './align-frame.ts'
import { checkFitData } from './check-data.ts'
import type { Frame } from './frame.ts'
import type { FitData, FitOptions, LearnerKind, LearnerSpec } from './learner.ts'
import type { Model, Prediction } from './model.ts'

/** Finds a learner by its kind; composed learners are given it, as they cannot import the list they are in. */
export type FindLearner = (kind: string) => LearnerKind

/** Checks the data and fits. Throws as the kind does, and as `checkFitData`. */
export const fitWith = (
  find: FindLearner,
  spec: LearnerSpec,
  data: FitData,
  options: FitOptions = {},
): Model => {
  options.signal?.throwIfAborted()
  checkFitData(data)
  return find(spec.kind).fit(spec, data, options)
}

/** Brings the frame into the model's shape and predicts. Throws as `alignFrame`. */
export const predictWith = (find: FindLearner, model: Model, frame: Frame): Prediction =>
  find(model.kind).predict(model, alignFrame(model.inputs, frame))
