import {
  finalLearner,
  gainImportances,
  listCoefficients,
  type Model,
  plotImportance,
  usedInputs,
} from '@millrace/learn'
import type { BuiltInStep, StepContext } from '../pipelines/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import type { Run } from '../tracking/index.ts'
import { fitLearner, tailNote } from './fit-learner.ts'
import { targetOf, toLearnerRows } from './learner-data.ts'
import { learnerFolder } from './learner-folder.ts'
import { learnerParams, readLearner } from './learner-params.ts'
import { logPlots } from './log-plots.ts'
import { trainSignature } from './signatures.ts'
import { readInput, Text, TrainingSetInput } from './step-input.ts'
import { featuresOf } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'
import { finishTraining, provenanceTags, runTraining, storeFolder, Threads } from './training-run.ts'

/**
 * The step `train`: fits any learner that learns from a label on a training set, logs it to a run and stores the model.
 * The run is keyed by pipeline run and node; executed again after its end it gives the same model without training.
 */
export function trainStep(deps: TrainingDeps): BuiltInStep {
  const { tracking, features } = deps

  async function train(
    context: StepContext,
    run: Run,
    inputs: ReturnType<typeof readInputs>,
  ): Promise<string> {
    const { data: ref, learner, task, threads } = inputs
    const { signal } = context
    context.progress({ fraction: 0, message: 'reading the training set' })
    const set = await features.loadTrainingSet(ref.digest, { signal })
    await tracking.logBatch({
      run: run.id,
      params: learnerParams(learner),
      tags: provenanceTags(set, { trainingSet: ref.digest, context }),
    })
    await tracking.logArtifact(run.id, 'learner.json', Buffer.from(JSON.stringify(learner)))
    const known = featuresOf(set)
    const { frame, times } = toLearnerRows(set, known)
    const { label, target } = targetOf(set, task)
    const fitted = await fitLearner({ name: set.manifest.name, frame, target }, learner, {
      threads,
      signal,
      onProgress: (done, total) =>
        context.progress({
          fraction: 0.1 + (0.8 * done) / total,
          message: `fitted ${done} of ${total} parts`,
        }),
    })
    context.progress({ fraction: 0.9, message: 'storing the model' })
    const { model, reference, metrics } = fitted
    const folder = learnerFolder(model, { runId: run.id, createdAt: run.startedAt, reference, frame })
    if (folder.withoutOnnx !== undefined) context.log(`no ONNX: ${folder.withoutOnnx}`)
    await logImportances(run.id, model)
    const used = new Set(usedInputs(model.inputs).map(({ name }) => name))
    const { datasets, definitions, bundles } = set.manifest
    const manifest: ModelManifest = {
      kind: 'model',
      algorithm: finalLearner(learner).kind,
      ...outputOf(model),
      files: await storeFolder(deps, run.id, folder.files),
      features: known.filter(({ name }) => used.has(name)),
      label,
      trainedFrom: times[0],
      trainedThrough: times[times.length - 1],
      rows: frame.rows,
      trainingSet: ref.digest,
      datasets,
      definitions,
      bundles,
      runId: run.id,
    }
    const digest = await finishTraining(deps, run.id, { manifest, metrics, note: tailNote })
    context.log(`model ${digest} in run ${run.id}, ${frame.rows} rows, ${used.size} features`)
    return digest
  }

  /** Of trees by gain; of linear models the coefficients. Others have none that come with them. */
  async function logImportances(run: string, model: Model): Promise<void> {
    const importances = gainImportances(model)
    if (importances) {
      const bars = importances.map(({ name, importance }) => ({ name, value: importance }))
      await tracking.logArtifact(run, 'feature_importance.json', Buffer.from(JSON.stringify(importances)))
      const plot = plotImportance(bars, { title: 'Feature importance', valueTitle: 'Loss removed (share)' })
      await logPlots(tracking, run, { feature_importance: plot })
    }
    const functions = coefficientsOf(model)
    if (functions) {
      await tracking.logArtifact(run, 'coefficients.json', Buffer.from(JSON.stringify(functions)))
    }
  }

  return {
    ...trainSignature,
    async run(context, given) {
      const inputs = readInputs(given)
      return runTraining(deps, { context, experiment: inputs.experiment }, (run) =>
        train(context, run, inputs),
      )
    },
  }
}

function readInputs({ data, experiment, learner, threads }: Record<string, unknown>) {
  return {
    data: readInput('data', TrainingSetInput, data),
    experiment: readInput('experiment', Text, experiment),
    ...readLearner(learner),
    threads: threads === undefined || threads === null ? undefined : readInput('threads', Threads, threads),
  }
}

function outputOf({ output }: Model): Pick<ModelManifest, 'task' | 'classes'> {
  if (output.task !== 'classification') return { task: 'regression' }
  const task = output.classes.length === 2 ? 'binary-classification' : 'multiclass-classification'
  return { task, classes: [...output.classes] }
}

/** A pipeline's are those of the columns that come out of its transformers. */
function coefficientsOf(model: Model): ReturnType<typeof listCoefficients> | undefined {
  if (model.kind === 'pipeline') return coefficientsOf((model as Model & { learner: Model }).learner)
  try {
    return listCoefficients(model)
  } catch (error) {
    // A model of another kind has none.
    if (error instanceof TypeError) return undefined
    throw error
  }
}
