import { brierScore, type ForestModel, type Frame, listImportances, logLoss, rocAuc } from '@millrace/learn'
import {
  fitForestClassifierInThreads,
  predictProbabilityInThreads,
  type ThreadOptions,
} from '@millrace/learn/threads'
import { fail } from '@millrace/protocol'
import type { readForestParams } from './forest-params.ts'
import { type DriftReference, profileFrame, profileScores } from './reference.ts'
import { everyNth, type TrainingData, tailOf } from './training-data.ts'

export interface TrainedModel {
  model: ForestModel
  /** Metrics over the last tenth of the rows by time, which the model has seen. */
  metrics: Record<string, number>
  importances: { name: string; importance: number }[]
  reference: DriftReference
}

const tailShare = 0.1
/** Scores of at most this many training rows, evenly spread, are the drift reference of the scores. */
const referenceRows = 100_000

/** Says in a run what its metrics were taken on. */
export const tailNote =
  'training_tail_* are over the last 10 % of the training rows by time, which the model has seen'

/**
 * Fits the forest, scores the end of the training data and profiles features and scores for drift.
 * @throws `training.data_unusable` for one class only, missing or other labels, infinite values
 */
export async function trainForest(
  data: TrainingData,
  params: ReturnType<typeof readForestParams>,
  threads: ThreadOptions,
): Promise<TrainedModel> {
  const { frame, labels } = data
  if (typeof params.maxFeatures === 'number' && params.maxFeatures > data.features.length) {
    throw fail('step.input_invalid', {
      input: 'params.maxFeatures',
      reason: `there are only ${data.features.length} features, got ${params.maxFeatures}`,
    })
  }
  let model: ForestModel
  try {
    model = await fitForestClassifierInThreads(frame, labels, { ...params, ...threads })
  } catch (error) {
    // The options were checked before, so a range error is about the data.
    if (error instanceof RangeError) {
      throw fail('training.data_unusable', { set: data.name, reason: error.message }, error)
    }
    throw error
  }
  const start = Math.min(frame.rows - 1, Math.floor(frame.rows * (1 - tailShare)))
  const predict = (rows: Frame) =>
    predictProbabilityInThreads(model, rows, { threads: threads.threads, signal: threads.signal })
  const scores = await predict(tailOf(frame, start))
  // Over the whole time, as the features': a few days at the end are not what all days look like.
  const sample = await predict(everyNth(frame, Math.max(1, Math.ceil(frame.rows / referenceRows))))
  return {
    model,
    metrics: {
      training_rows: frame.rows,
      training_positive_rate: labels.reduce((sum, label) => sum + label, 0) / frame.rows,
      ...tailMetrics(labels.subarray(start), scores),
    },
    importances: listImportances(model),
    reference: { columns: profileFrame(frame), prediction: profileScores(sample) },
  }
}

function tailMetrics(labels: Float64Array, scores: Float64Array): Record<string, number> {
  const bothClasses = labels.includes(0) && labels.includes(1)
  return {
    training_tail_log_loss: logLoss(labels, scores),
    training_tail_brier: brierScore(labels, scores),
    ...(bothClasses && { training_tail_roc_auc: rocAuc(labels, scores) }),
  }
}
