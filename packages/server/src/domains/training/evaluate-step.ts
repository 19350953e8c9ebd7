import { modelFromBytes, type PlotSpec } from '@millrace/learn'
import { predictProbabilityInThreads } from '@millrace/learn/threads'
import { fail, isPlatformError } from '@millrace/protocol'
import { Type } from 'typebox'
import { canonicalJson } from '../../kernel/hash.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { BuiltInStep, StepContext } from '../pipelines/index.ts'
import { manifestOf, readManifest } from '../registry/index.ts'
import { type Champion, checkRows, type Evaluation, evaluateModel, readEvaluation } from './evaluation.ts'
import { evaluationPlots } from './evaluation-plots.ts'
import { Gate } from './gate.ts'
import { logPlots } from './log-plots.ts'
import { forestPath } from './model-folder.ts'
import { ModelInput, readInput, Text, TrainingSetInput } from './step-input.ts'
import { labelsOf, toTrainingData } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'

/**
 * The step `evaluate`: measures a model on later rows, compares it with baselines and with the champion on the same
 * rows, and says if it may be used. That it may not is a normal outcome. Executed again it gives the evaluation that
 * it stored before.
 */
export function evaluateStep(deps: TrainingDeps): BuiltInStep {
  const { tracking, registry, content, features } = deps

  async function predict(manifestDigest: string, set: LoadedTrainingSet, signal: AbortSignal) {
    const manifest = await readManifest(content, manifestDigest)
    const forest = manifest.files[forestPath]
    if (forest === undefined) {
      throw fail('model.manifest_invalid', { digest: manifestDigest, reason: `it has no ${forestPath}` })
    }
    const { frame } = toTrainingData(set, manifest.features)
    return predictProbabilityInThreads(modelFromBytes(await content.getBytes(forest)), frame, { signal })
  }

  async function askChampion(
    reference: string | null | undefined,
    set: LoadedTrainingSet,
    signal: AbortSignal,
  ): Promise<Champion | undefined> {
    const champion = reference ? await registry.find(reference) : undefined
    if (!champion) return undefined
    const name = `${champion.model}/${champion.version}`
    try {
      return { name, probabilities: await predict(manifestOf(champion), set, signal) }
    } catch (error) {
      // The champion may have learnt from columns that are no longer there, or be one that only others can run.
      const incomparable = ['training.data_unusable', 'model.no_manifest']
      if (isPlatformError(error) && incomparable.includes(error.code)) {
        return { name, problem: error.message }
      }
      throw error
    }
  }

  async function evaluate(context: StepContext, inputs: ReturnType<typeof readInputs>) {
    const { model, data, gate, signal } = { ...inputs, signal: context.signal }
    const manifest = await readManifest(content, model.digest)
    context.progress({ fraction: 0, message: 'reading the data' })
    const set = await features.loadTrainingSet(data.digest, { signal })
    const rows = toTrainingData(set, manifest.features)
    checkRows(set, rows, manifest.trainedThrough)
    context.progress({ fraction: 0.2, message: `predicting ${rows.frame.rows} rows` })
    const probabilities = await predict(model.digest, set, signal)
    const champion = await askChampion(inputs.champion, set, signal)
    context.progress({ fraction: 0.6, message: 'comparing with the baselines' })
    const historyDigest = inputs.trainingData?.digest ?? manifest.trainingSet
    const history = await features.loadTrainingSet(historyDigest, { signal })
    const evaluation = evaluateModel({
      model,
      rows: { set, labels: rows.labels, times: rows.times, digest: data.digest },
      history: { set: history, labels: labelsOf(history).labels, digest: historyDigest },
      probabilities,
      champion,
      gate,
    })
    return { evaluation, plots: evaluationPlots(rows.labels, probabilities) }
  }

  /** The evaluation becomes visible on the run with its last write, so it is there wholly or not at all. */
  async function store(
    { evaluation, plots }: { evaluation: Evaluation; plots: Readonly<Record<string, PlotSpec>> },
    tag: string,
  ): Promise<string> {
    const bytes = Buffer.from(canonicalJson(evaluation))
    const { digest } = await content.putBytes(bytes)
    const folder = `evaluation/${digest.slice(0, 12)}`
    await tracking.logArtifact(evaluation.runId, `${folder}/evaluation.json`, bytes)
    const placed = Object.entries(plots).map(([name, plot]) => [`${folder}/${name}`, plot])
    await logPlots(tracking, evaluation.runId, Object.fromEntries(placed))
    const { rocAuc, logLoss, brier, calibrationError } = evaluation.scores
    const values = {
      evaluation_roc_auc: rocAuc,
      evaluation_log_loss: logLoss,
      evaluation_brier: brier,
      evaluation_calibration_error: calibrationError,
      evaluation_rows: evaluation.rows,
    }
    const at = deps.clock.now()
    await tracking.logBatch({
      run: evaluation.runId,
      metrics: Object.entries(values).map(([key, value]) => ({ key, value, at, step: 0 })),
      tags: { [tag]: digest, 'millrace.gate': evaluation.reason.slice(0, 8000) },
    })
    return digest
  }

  async function evaluateAndStore(
    context: StepContext,
    inputs: ReturnType<typeof readInputs>,
    tag: string,
  ): Promise<{ evaluation: Evaluation; digest: string }> {
    const made = await evaluate(context, inputs)
    return { evaluation: made.evaluation, digest: await store(made, tag) }
  }

  return {
    name: 'evaluate',
    inputs: {
      model: { type: 'model' },
      data: { type: 'training-set' },
      trainingData: { type: 'training-set', optional: true },
      champion: { type: 'string', optional: true },
      gate: { type: 'json' },
    },
    outputs: { evaluation: { type: 'evaluation' }, passed: { type: 'boolean' }, reason: { type: 'string' } },
    async run(context, given) {
      const inputs = readInputs(given)
      const tag = `millrace.evaluation.${context.pipelineRun}/${context.node}`
      const before = (await tracking.getRun(inputs.model.runId)).tags[tag]
      const found = before
        ? { evaluation: await readEvaluation(content, before), digest: before }
        : await evaluateAndStore(context, inputs, tag)
      const { evaluation, digest } = found
      const { passed, reason, scores, baselines } = evaluation
      context.log(reason)
      return {
        evaluation: {
          digest,
          passed,
          rocAuc: scores.rocAuc,
          logLoss: scores.logLoss,
          baselineRocAuc: Math.max(...baselines.map(({ rocAuc }) => rocAuc)),
          baselineLogLoss: Math.min(...baselines.map(({ logLoss }) => logLoss)),
        },
        passed,
        reason,
      }
    },
  }
}

const optional = <T extends typeof TrainingSetInput | typeof Text>(schema: T) =>
  Type.Union([schema, Type.Null(), Type.Undefined()])

function readInputs({ model, data, trainingData, champion, gate }: Record<string, unknown>) {
  return {
    model: readInput('model', ModelInput, model),
    data: readInput('data', TrainingSetInput, data),
    trainingData: readInput('trainingData', optional(TrainingSetInput), trainingData),
    champion: readInput('champion', optional(Text), champion),
    gate: readInput('gate', Gate, gate),
  }
}
