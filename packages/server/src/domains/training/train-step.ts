import { plotImportance } from '@millrace/learn'
import { Type } from 'typebox'
import { canonicalJson } from '../../kernel/hash.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { BuiltInStep, StepContext } from '../pipelines/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import type { Run } from '../tracking/index.ts'
import { readForestParams } from './forest-params.ts'
import { logPlots } from './log-plots.ts'
import { modelFolder, modelFolderPath } from './model-folder.ts'
import { readInput, Text, TrainingSetInput } from './step-input.ts'
import { withSystemMetrics } from './system-metrics.ts'
import { type TrainedModel, tailNote, trainForest } from './train.ts'
import { featuresOf, type TrainingData, toTrainingData } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'

const modelTag = 'millrace.model'
const Threads = Type.Integer({ minimum: 1, maximum: 1024 })

/**
 * The step `train-forest`: fits a random forest on a training set, logs it to a run and stores the model. The run is
 * keyed by pipeline run and node; executed again after its end it gives the same model without training.
 */
export function trainForestStep(deps: TrainingDeps): BuiltInStep {
  const { tracking, content, features } = deps

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
    const { digest } = await content.putBytes(Buffer.from(canonicalJson(manifest)))
    await logImportance(run.id, trained)
    await tracking.logBatch({
      run: run.id,
      metrics: Object.entries(trained.metrics).map(([key, value]) => ({
        key,
        value,
        at: deps.clock.now(),
        step: 0,
      })),
      tags: { [modelTag]: digest, 'millrace.metrics_note': tailNote },
    })
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
    const files: Record<string, string> = {}
    for (const [path, bytes] of Object.entries(folder)) {
      files[path] = (await content.putBytes(bytes)).digest
      await tracking.logArtifact(run.id, `${modelFolderPath}/${path}`, bytes)
    }
    const { datasets, definitions, bundles } = set.manifest
    return {
      kind: 'model',
      algorithm: 'random-forest-classifier',
      task: 'binary-classification',
      files,
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

  /** Also logs what the machine uses meanwhile. */
  function measured<Result>(context: StepContext, run: string, work: () => Promise<Result>) {
    const onError = (error: unknown) => context.log(`system metrics could not be logged: ${messageOf(error)}`)
    return withSystemMetrics(
      { log: (metrics) => tracking.logBatch({ run, metrics }), onError, now: deps.clock.now },
      work,
    )
  }

  async function recordFailure(run: string, error: unknown, context: StepContext): Promise<void> {
    await tracking.logBatch({ run, tags: { 'millrace.error': messageOf(error).slice(0, 8000) } })
    await tracking.finishRun(run, context.signal.aborted ? 'KILLED' : 'FAILED')
  }

  return {
    name: 'train-forest',
    inputs: {
      data: { type: 'training-set' },
      experiment: { type: 'string' },
      params: { type: 'json', optional: true },
      threads: { type: 'int64', optional: true },
    },
    outputs: { model: { type: 'model' }, runId: { type: 'string' } },
    async run(context, given) {
      const inputs = readInputs(given)
      const run = await tracking.createRun({
        experiment: inputs.experiment,
        key: `${context.pipelineRun}/${context.node}`,
        name: context.node,
      })
      const before = (await tracking.getRun(run.id)).tags[modelTag]
      try {
        const digest = before ?? (await measured(context, run.id, () => train(context, run, inputs)))
        await tracking.finishRun(run.id, 'FINISHED')
        return { model: { digest, runId: run.id }, runId: run.id }
      } catch (error) {
        await recordFailure(run.id, error, context).catch((second: unknown) =>
          context.log(`the end of run ${run.id} could not be recorded: ${messageOf(second)}`),
        )
        throw error
      }
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function readInputs({ data, experiment, params, threads }: Record<string, unknown>) {
  return {
    data: readInput('data', TrainingSetInput, data),
    experiment: readInput('experiment', Text, experiment),
    params: readForestParams(params),
    threads: threads === undefined || threads === null ? undefined : readInput('threads', Threads, threads),
  }
}

/** What a run was made from, down to definitions and code. */
function provenanceTags(
  { manifest }: LoadedTrainingSet,
  { trainingSet, context }: { trainingSet: string; context: StepContext },
): Record<string, string> {
  const iso = (at: number) => new Date(at).toISOString()
  return {
    'millrace.pipeline_run': context.pipelineRun,
    'millrace.node': context.node,
    'millrace.training_set': trainingSet,
    'millrace.training_set.name': manifest.name,
    'millrace.training_set.from': iso(manifest.from),
    'millrace.training_set.until': iso(manifest.until),
    ...Object.fromEntries(manifest.datasets.map((ref) => [`millrace.dataset.${ref.dataset}`, ref.version])),
    ...Object.fromEntries(
      Object.entries(manifest.definitions).map(([name, hash]) => [`millrace.definition.${name}`, hash]),
    ),
    ...(manifest.bundles.length > 0 && { 'millrace.code': manifest.bundles.join(' ') }),
  }
}
