import {
  type Classification,
  evaluate,
  type Frame,
  type LearnerSpec,
  likeliestClasses,
  type Model,
  type Regression,
  type Target,
  takeRows,
} from '@millrace/learn'
import { fitInThreads, type ThreadOptions } from '@millrace/learn/threads'
import { fail } from '@millrace/protocol'
import { predictRows } from './predict-rows.ts'
import { type DriftReference, profileClasses, profileFrame, profileScores } from './reference.ts'
import { everyNth } from './training-data.ts'

/** A training set for a learner, in the order of event time. */
export interface LearnerData {
  name: string
  frame: Frame
  target: Target
}

export interface FittedLearner {
  model: Model
  /** Over the last tenth of the rows by time, which the model has seen. */
  metrics: Record<string, number>
  reference: DriftReference
}

const tailShare = 0.1
/** Says in a run what its metrics were taken on. */
export const tailNote =
  'training_tail_* are over the last 10 % of the training rows by time, which the model has seen'
/** Predictions for at most this many training rows, evenly spread, are the drift reference of the predictions. */
const referenceRows = 100_000

/**
 * Fits the learner, measures it on the end of the training data and profiles features and predictions for drift.
 * @throws `training.fit_refused` for options that there are not, and data that the learner does not take
 */
export async function fitLearner(
  { name, frame, target }: LearnerData,
  learner: LearnerSpec,
  threads: ThreadOptions,
): Promise<FittedLearner> {
  let model: Model
  try {
    model = await fitInThreads(learner, { frame, target }, threads)
  } catch (error) {
    // Learners refuse options and data by these two.
    if (error instanceof RangeError || error instanceof TypeError) {
      throw fail('training.fit_refused', { set: name, learner: learner.kind, reason: error.message }, error)
    }
    throw error
  }
  const { signal } = threads
  const start = Math.min(frame.rows - 1, Math.floor(frame.rows * (1 - tailShare)))
  const tail = takeRows(
    { frame, target },
    Uint32Array.from({ length: frame.rows - start }, (_, i) => start + i),
  )
  const scores = evaluate(await predictRows(model, tail.frame, { signal }), tail.target ?? target)
  // Over the whole time, as the features': a few days at the end are not what all days look like.
  const sample = everyNth(frame, Math.max(1, Math.ceil(frame.rows / referenceRows)))
  return {
    model,
    metrics: {
      training_rows: frame.rows,
      ...Object.fromEntries(
        Object.entries(scores).map(([key, value]) => [`training_tail_${snakeCase(key)}`, value]),
      ),
    },
    reference: {
      columns: profileFrame(frame),
      prediction: profilePrediction(await predictRows(model, sample, { signal })),
    },
  }
}

/** `rocAuc` -> `roc_auc`, as metrics of runs are called. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The probability of the second of two classes, the predicted class of more, or the predicted number. */
function profilePrediction(prediction: Classification | Regression) {
  if (prediction.task === 'regression') return profileScores(prediction.values)
  const { classes, probabilities } = prediction
  if (classes.length === 2) return profileScores(probabilities.filter((_, i) => i % 2 === 1))
  return profileClasses(Array.from(likeliestClasses(prediction), (code) => String(classes[code])))
}
