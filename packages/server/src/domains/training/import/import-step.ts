import { type Classification, evaluate, type Regression, takeRows } from '@millrace/learn'
import { fail, isPlatformError } from '@millrace/protocol'
import { Type } from 'typebox'
import type { LoadedTrainingSet } from '../../features/index.ts'
import type { BuiltInStep, StepContext } from '../../pipelines/index.ts'
import type { ModelManifest, ModelSource } from '../../registry/index.ts'
import type { Run } from '../../tracking/index.ts'
import { toLearnerRows } from '../learner-data.ts'
import { nativePath } from '../learner-folder.ts'
import { snakeCase } from '../learner-metrics.ts'
import { predictSet } from '../predictor.ts'
import { profileFrame, profilePrediction, referencePath } from '../reference.ts'
import { isRefusal } from '../refusal.ts'
import { importModelSignature } from '../signatures.ts'
import { readInput, Text, TrainingSetInput } from '../step-input.ts'
import { timesOf } from '../training-data.ts'
import type { TrainingDeps } from '../training-deps.ts'
import { finishTraining, provenanceTags, runTraining, storeFolder } from '../training-run.ts'
import { refusing } from './import-error.ts'
import { graphPath } from './import-graph.ts'
import { importSource } from './import-source.ts'
import type { Imported } from './imported.ts'
import { readFolder } from './read-folder.ts'

/** By which a run, a logged model or a version says what it learnt from, whoever trained it. */
const trainingSetTag = 'millrace.training_set'
const note =
  'training_tail_* are over the last 10 % of the training rows by time, which the model has seen if it learnt from all of them'

/**
 * The step `import-model`: takes a model that was trained elsewhere and logged with MLflow's client, so that it can be
 * evaluated, registered and released as one of the step `train`. Nothing of it is executed but ONNX graphs: trees are
 * read into our own, and pickles are refused. The import has a run of its own, below the one that the model is of.
 * Executed again after its end it gives the same model.
 */
export function importModelStep(deps: TrainingDeps): BuiltInStep {
  const { tracking, registry, features, content } = deps

  async function importModel(context: StepContext, run: Run, given: Given): Promise<string> {
    const { from, source, trainingSet } = given
    const refuse = refusing(from)
    context.progress({ fraction: 0, message: 'reading model and training set' })
    const set = await features.loadTrainingSet(trainingSet, { signal: context.signal })
    await tracking.logBatch({
      run: run.id,
      params: source.run?.params,
      longValues: 'truncate',
      tags: { ...provenanceTags(set, { trainingSet, context }), ...originTags(given) },
    })
    const files = await readFolder(source, refuse)
    const imported = await importSource(set, { ...given, files }, refuse)
    context.progress({ fraction: 0.3, message: `predicting the ${set.rows} rows that it learnt from` })
    const manifest = await manifestOf(imported, { set, trainingSet, run })
    const prediction = await predictTrainingSet(manifest, { set, context, given })
    const reference = {
      columns: profileFrame(toLearnerRows(set, imported.features).frame),
      prediction: profilePrediction(prediction),
    }
    context.progress({ fraction: 0.8, message: 'storing the model' })
    const folder = {
      ...withoutRuntimeFiles(files),
      ...imported.files,
      [referencePath]: new TextEncoder().encode(JSON.stringify(reference)),
    }
    const stored = { ...manifest, files: await storeFolder(deps, run.id, folder) }
    const metrics = { training_rows: set.rows, ...tailMetrics(set, imported, prediction) }
    const digest = await finishTraining(deps, run.id, { manifest: stored, metrics, note })
    context.log(`model ${digest} in run ${run.id}, ${imported.algorithm} from ${from}`)
    return digest
  }

  async function manifestOf(
    { algorithm, features: taken, label, output, onnx, files }: Imported,
    { set, trainingSet, run }: { set: LoadedTrainingSet; trainingSet: string; run: Run },
  ): Promise<ModelManifest> {
    const { datasets, definitions, bundles } = set.manifest
    const times = timesOf(set)
    const digests: Record<string, string> = {}
    for (const [path, bytes] of Object.entries(files)) digests[path] = (await content.putBytes(bytes)).digest
    return {
      kind: 'model',
      algorithm,
      ...output,
      files: digests,
      features: taken,
      label,
      ...(onnx && { onnx }),
      trainedFrom: times[0],
      trainedThrough: times[times.length - 1],
      rows: set.rows,
      trainingSet,
      datasets,
      definitions,
      bundles,
      runId: run.id,
    }
  }

  /** What it cannot predict here it cannot predict anywhere. */
  async function predictTrainingSet(
    manifest: ModelManifest,
    { set, context, given }: { set: LoadedTrainingSet; context: StepContext; given: Given },
  ): Promise<Classification | Regression> {
    const { signal } = context
    try {
      return await predictSet(content, { manifest, digest: '' }, { set, signal })
    } catch (error) {
      if (signal.aborted) throw error
      const isUnusable = isPlatformError(error) && error.code === 'training.data_unusable'
      // Any other error of the platform, as that the model cannot be read back, is none of the model.
      if (isUnusable || isRefusal(error)) {
        throw refusing(given.from)(error.message, error)
      }
      throw error
    }
  }

  async function open(inputs: ReturnType<typeof readInputs>): Promise<Given> {
    const { from, data, experiment } = inputs
    const source = await registry.openSource(from)
    const tagged = source.tags.map((tags) => tags[trainingSetTag]).find((digest) => digest !== undefined)
    if (data && tagged !== undefined && data.digest !== tagged) {
      throw refusing(from)(
        `its tag ${trainingSetTag} says that it learnt from ${tagged}, not from ${data.digest}`,
      )
    }
    const trainingSet = data?.digest ?? tagged
    if (trainingSet === undefined) {
      throw refusing(from)(
        `nothing says which training set it learnt from; give "data", or set the tag ${trainingSetTag} of its run to the digest`,
      )
    }
    if (experiment !== undefined) return { ...inputs, source, trainingSet, experiment }
    if (!source.run) {
      const reason = 'the model is of no run whose experiment could be taken; name one'
      throw fail('step.input_invalid', { input: 'experiment', reason })
    }
    const { name } = await tracking.getExperiment(source.run.experimentId)
    return { ...inputs, source, trainingSet, experiment: name }
  }

  return {
    ...importModelSignature,
    async run(context, inputs) {
      const given = await open(readInputs(inputs))
      return runTraining(deps, { context, experiment: given.experiment }, (run) =>
        importModel(context, run, given),
      )
    },
  }
}

interface Given extends Omit<ReturnType<typeof readInputs>, 'data'> {
  source: ModelSource
  /** Digest. */
  trainingSet: string
  experiment: string
}

const Task = Type.Union([Type.Literal('classification'), Type.Literal('regression')])

function readInputs({ from, data, experiment, task }: Record<string, unknown>) {
  const isGiven = (value: unknown) => value !== undefined && value !== null
  return {
    from: readInput('from', Text, from),
    data: isGiven(data) ? readInput('data', TrainingSetInput, data) : undefined,
    experiment: isGiven(experiment) ? readInput('experiment', Text, experiment) : undefined,
    task: isGiven(task) ? readInput('task', Task, task) : undefined,
  }
}

function originTags({ from, source }: Given): Record<string, string> {
  return {
    'millrace.imported_from': from,
    ...(source.run && { 'millrace.source_run': source.run.id, 'mlflow.parentRunId': source.run.id }),
    ...(source.loggedModel && { 'millrace.source_model': source.loggedModel }),
  }
}

/**
 * Without those files by whose names serving, evaluation and monitoring know what to read: one that happens to lie
 * beside the model that was read is of another.
 */
function withoutRuntimeFiles(files: Readonly<Record<string, Uint8Array>>): Record<string, Uint8Array> {
  const taken = new Set([graphPath, nativePath, referencePath])
  return Object.fromEntries(Object.entries(files).filter(([path]) => !taken.has(path)))
}

/** As of models that were trained here. */
function tailMetrics(
  set: LoadedTrainingSet,
  { target }: Imported,
  prediction: Classification | Regression,
): Record<string, number> {
  const start = Math.min(set.rows - 1, Math.floor(set.rows * 0.9))
  const rows = Uint32Array.from({ length: set.rows - start }, (_, i) => start + i)
  const tail = takeRows({ frame: { rows: set.rows, columns: {} }, target }, rows)
  const predicted: Classification | Regression =
    prediction.task === 'regression'
      ? { ...prediction, values: prediction.values.subarray(start) }
      : { ...prediction, probabilities: prediction.probabilities.subarray(start * prediction.classes.length) }
  const scores = evaluate(predicted, tail.target ?? target)
  return Object.fromEntries(
    Object.entries(scores).map(([name, value]) => [`training_tail_${snakeCase(name)}`, value]),
  )
}
