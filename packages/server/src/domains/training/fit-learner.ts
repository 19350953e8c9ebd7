import type { Frame, IterationLoss, LearnerSpec, Model, Prediction, Target } from '@millrace/learn'
import { type FitThreadOptions, fitInThreads } from '@millrace/learn/threads'
import { fail } from '@millrace/protocol'
import type { LearnerTask } from './learner-data.ts'
import { describeModel, keptIterations, measureFit } from './learner-metrics.ts'
import { predictAny } from './predict-rows.ts'
import { type DriftReference, profileFrame, profilePrediction } from './reference.ts'
import { isRefusal } from './refusal.ts'
import { everyNth } from './training-data.ts'

/** Rows for a learner; without a target for one that learns without. */
export interface LearnerRows {
  frame: Frame
  target?: Target
}

/** A training set for a learner, in the order of event time. */
export interface LearnerData extends LearnerRows {
  name: string
  task: LearnerTask
  /** Rows that the fit is watched on, and that the model is measured on. */
  validation?: LearnerRows
}

export interface FittedLearner {
  model: Model
  metrics: Record<string, number>
  reference: DriftReference
  /** By iteration, of gradient boosting. */
  losses: readonly IterationLoss[]
}

/** Says in a run what its metrics were taken on. */
export const tailNote =
  'training_tail_* are over the last 10 % of the training rows by time, which the model has seen'
/** Predictions for at most this many training rows, evenly spread, are the drift reference of the predictions. */
const referenceRows = 100_000

/**
 * Fits the learner, measures it on the end of the training data and on the validation rows, and profiles features and
 * predictions for drift.
 * @throws `training.fit_refused` for options that there are not, data that the learner does not take, and a model that
 * predicts what is no number
 */
export async function fitLearner(
  data: LearnerData,
  learner: LearnerSpec,
  options: FitThreadOptions,
): Promise<FittedLearner> {
  const { name, frame, target, validation } = data
  const { signal, onLoss } = options
  const losses: IterationLoss[] = []
  const model = await orRefuse({ set: name, learner }, () =>
    fitInThreads(
      learner,
      { frame, target, validation },
      {
        ...options,
        onLoss(loss) {
          losses.push(loss)
          onLoss?.(loss)
        },
      },
    ),
  )
  // Over the whole time, as the features': a few days at the end are not what all days look like.
  const sample = everyNth(frame, Math.max(1, Math.ceil(frame.rows / referenceRows)))
  const prediction = await predictAny(model, sample, { signal })
  checkNumbers(prediction, { set: name, learner })
  const best = validation && losses.length > 0 ? keptIterations(model) : undefined
  return {
    model,
    metrics: {
      training_rows: frame.rows,
      ...(await measureFit(model, data, { signal })),
      ...describeModel(model, prediction, data.task),
      ...(best !== undefined && { best_iteration: best }),
    },
    reference: { columns: profileFrame(frame), prediction: profilePrediction(prediction) },
    losses,
  }
}

interface Fit {
  set: string
  learner: LearnerSpec
}

/** Learners refuse options and data by RangeErrors and TypeErrors, which become `training.fit_refused`. */
export async function orRefuse<Result>({ set, learner }: Fit, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isRefusal(error)) {
      throw fail('training.fit_refused', { set, learner: learner.kind, reason: error.message }, error)
    }
    throw error
  }
}

function checkNumbers(prediction: Prediction, { set, learner }: Fit): void {
  const numbers = numbersOf(prediction)
  const at = numbers.findIndex((value) => !Number.isFinite(value))
  if (at < 0) return
  const reason = `what came out predicts ${numbers[at]}; scale the columns (standardScale()), or clip() those with extreme values`
  throw fail('training.fit_refused', { set, learner: learner.kind, reason })
}

function numbersOf(prediction: Prediction): Float64Array {
  switch (prediction.task) {
    case 'classification':
      return prediction.probabilities
    case 'regression':
      return prediction.values
    case 'clustering':
      return prediction.distances
    case 'anomaly':
      return prediction.scores
  }
}
