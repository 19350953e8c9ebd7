import { plotImportance } from '@millrace/learn'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { BuiltInStep, StepContext } from '../pipelines/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import type { Run } from '../tracking/index.ts'
import { readForestParams } from './forest-params.ts'
import { logPlots } from './log-plots.ts'
import { modelFolder } from './model-folder.ts'
import { trainForestSignature } from './signatures.ts'
import { readInput, Text, TrainingSetInput } from './step-input.ts'
import { type TrainedModel, tailNote, trainForest } from './train-forest.ts'
import { featuresOf, type TrainingData, toTrainingData } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'
import { finishTraining, provenanceTags, runTraining, storeFolder, Threads } from './training-run.ts'

/**
 * The step `train-forest`: fits a random forest on a training set, logs it to a run and stores the model. The run is
 * keyed by pipeline run and node; executed again after its end it gives the same model without training.
 */
export function trainForestStep(deps: TrainingDeps): BuiltInStep {
  const { tracking, features } = deps

  async function train(context: StepContext, run: Run, inputs: ReturnType<typeof readInputs>) {
    const { data: ref, params, threads } = inputs
    context.progress({ fraction: 0, message: 'reading the training set' })
    const set = await features.loadTrainingSet(ref.digest, { signal: context.signal })
    await tracking.logBatch({
      run: run.id,
      params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
      tags: provenanceTags(set, { trainingSet: ref.digest, context }),
    })
    const data = toTrainingData(set, featuresOf(set))
    const trained = await trainForest(data, params, {
      threads,
      signal: context.signal,
      onProgress: (done, total) =>
        context.progress({ fraction: 0.1 + (0.8 * done) / total, message: `grew ${done} of ${total} trees` }),
    })
    context.progress({ fraction: 0.9, message: 'storing the model' })
    const manifest = await storeModel(run, data, { trained, set, trainingSet: ref.digest })
    await logImportance(run.id, trained)
    const digest = await finishTraining(deps, run.id, { manifest, metrics: trained.metrics, note: tailNote })
    context.log(`model ${digest} in run ${run.id}, ${data.frame.rows} rows, ${data.features.length} features`)
    return digest
  }

  async function storeModel(
    run: Run,
    data: TrainingData,
    { trained, set, trainingSet }: { trained: TrainedModel; set: LoadedTrainingSet; trainingSet: string },
  ): Promise<ModelManifest> {
    const { frame, features } = data
    const folder = modelFolder(trained.model, {
      runId: run.id,
      createdAt: run.startedAt,
      features,
      reference: trained.reference,
      frame,
    })
    const { datasets, definitions, bundles } = set.manifest
    return {
      kind: 'model',
      algorithm: 'random-forest-classifier',
      task: 'binary-classification',
      files: await storeFolder(deps, run.id, folder),
      features,
      label: data.label,
      trainedFrom: data.times[0],
      trainedThrough: data.times[data.times.length - 1],
      rows: frame.rows,
      trainingSet,
      datasets,
      definitions,
      bundles,
      runId: run.id,
    }
  }

  async function logImportance(run: string, { importances }: TrainedModel): Promise<void> {
    const bars = importances.map(({ name, importance }) => ({ name, value: importance }))
    const bytes = (text: string) => new TextEncoder().encode(text)
    await tracking.logArtifact(run, 'feature_importance.json', bytes(JSON.stringify(importances)))
    const plot = plotImportance(bars, { title: 'Feature importance', valueTitle: 'Impurity removed (share)' })
    await logPlots(tracking, run, { feature_importance: plot })
  }

  return {
    ...trainForestSignature,
    async run(context, given) {
      const inputs = readInputs(given)
      return runTraining(deps, { context, experiment: inputs.experiment }, (run) =>
        train(context, run, inputs),
      )
    },
  }
}

function readInputs({ data, experiment, params, threads }: Record<string, unknown>) {
  return {
    data: readInput('data', TrainingSetInput, data),
    experiment: readInput('experiment', Text, experiment),
    params: readForestParams(params),
    threads: threads === undefined || threads === null ? undefined : readInput('threads', Threads, threads),
  }
}
