import { evaluate, type Model, type Prediction, takeRows } from '@millrace/learn'
import type { LearnerData, LearnerRows } from './fit-learner.ts'
import type { LearnerTask } from './learner-data.ts'
import { predictRows } from './predict-rows.ts'

const tailShare = 0.1

/** `rocAuc` -> `roc_auc`, as metrics of runs are called. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/**
 * The usual metrics of a model with a label, over the last tenth of the rows that it learnt from (`training_tail_*`) and
 * over the validation rows (`validation_*`). None of a recommender: its scores are not like the label.
 */
export async function measureFit(
  model: Model,
  { frame, target, task, validation }: LearnerData,
  options: { signal?: AbortSignal },
): Promise<Record<string, number>> {
  if (!target || task === 'recommendation') return {}
  const start = Math.min(frame.rows - 1, Math.floor(frame.rows * (1 - tailShare)))
  const tail = takeRows(
    { frame, target },
    Uint32Array.from({ length: frame.rows - start }, (_, i) => start + i),
  )
  return {
    ...(await measure('training_tail', model, tail, options)),
    ...(validation && {
      ...(await measure('validation', model, validation, options)),
      validation_rows: validation.frame.rows,
    }),
  }
}

async function measure(
  prefix: string,
  model: Model,
  { frame, target }: LearnerRows,
  options: { signal?: AbortSignal },
): Promise<Record<string, number>> {
  if (!target) return {}
  const scores = evaluate(await predictRows(model, frame, options), target)
  return Object.fromEntries(
    Object.entries(scores).map(([name, value]) => [`${prefix}_${snakeCase(name)}`, value]),
  )
}

/** What there is to say of a model without a label, from what it predicts for rows that it learnt from. */
export function describeModel(
  model: Model,
  prediction: Prediction,
  task: LearnerTask,
): Record<string, number> {
  if (prediction.task === 'clustering') {
    const { clusters, distances } = prediction
    const counts = new Float64Array(model.output.task === 'clustering' ? model.output.clusters : 0)
    for (const cluster of clusters) counts[cluster] += 1
    const shares = counts.map((count) => count / clusters.length)
    const final = innermost(model)
    return {
      ...('inertia' in final && typeof final.inertia === 'number' && { training_inertia: final.inertia }),
      training_mean_distance: mean(distances),
      training_smallest_cluster_share: Math.min(...shares),
      training_largest_cluster_share: Math.max(...shares),
    }
  }
  if (prediction.task === 'anomaly') {
    return {
      training_outlier_share: mean(Float64Array.from(prediction.outliers)),
      training_mean_score: mean(prediction.scores),
      training_highest_score: prediction.scores.reduce((most, score) => Math.max(most, score), 0),
    }
  }
  if (prediction.task === 'regression' && task === 'recommendation') {
    return { training_mean_score: mean(prediction.values) }
  }
  return {}
}

/** How many iterations of gradient boosting the model has kept; undefined for another model. */
export function keptIterations(model: Model): number | undefined {
  const final = innermost(model) as Model & { trees?: { offsets: Uint32Array; outputs: number } }
  return final.trees && (final.trees.offsets.length - 1) / final.trees.outputs
}

/** The model at the end of pipelines within pipelines. */
function innermost(model: Model): Model {
  return model.kind === 'pipeline' ? innermost((model as Model & { learner: Model }).learner) : model
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
