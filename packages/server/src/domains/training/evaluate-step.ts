import type { PlotSpec } from '@millrace/learn'
import { fail, isPlatformError } from '@millrace/protocol'
import { Type } from 'typebox'
import { canonicalJson } from '../../kernel/hash.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { BuiltInStep, StepContext } from '../pipelines/index.ts'
import { areFlags, type ModelManifest, manifestOf, readManifest } from '../registry/index.ts'
import { binaryLabels, positiveProbabilities } from './binary.ts'
import {
  type Champion,
  checkLater,
  checkRows,
  type Evaluation,
  evaluateModel,
  readEvaluation,
} from './evaluation.ts'
import { evaluationPlots, predictionPlots } from './evaluation-plots.ts'
import { snakeCase } from './fit-learner.ts'
import { Gate } from './gate.ts'
import { targetOf } from './learner-data.ts'
import { logPlots } from './log-plots.ts'
import { evaluateMetrics, type MetricEvaluation, MetricGate } from './metric-gate.ts'
import { predictSet } from './predictor.ts'
import { evaluateSignature } from './signatures.ts'
import { ModelInput, readInput, Text, TrainingSetInput } from './step-input.ts'
import { timesOf } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'

type Inputs = ReturnType<typeof readInputs>
interface Made {
  evaluation: Evaluation | MetricEvaluation
  plots: Readonly<Record<string, PlotSpec>>
}

/**
 * The step `evaluate`: measures a model on later rows, and says if it may be used. The gate decides how: against
 * baselines and the champion on the same rows, for two classes; or by limits of metrics, for any task. That a model may
 * not be used is a normal outcome. Executed again it gives the evaluation that it stored before.
 */
export function evaluateStep(deps: TrainingDeps): BuiltInStep {
  const { tracking, registry, content, features } = deps

  async function askChampion(
    inputs: { champion?: string | null; classes: ModelManifest['classes'] },
    set: LoadedTrainingSet,
    signal: AbortSignal,
  ): Promise<Champion | undefined> {
    const champion = inputs.champion ? await registry.find(inputs.champion) : undefined
    if (!champion) return undefined
    const name = `${champion.model}/${champion.version}`
    try {
      const digest = manifestOf(champion)
      const manifest = await readManifest(content, digest)
      const probabilities = positiveProbabilities(
        await predictSet(content, { manifest, digest }, { set, signal }),
      )
      if (!probabilities) return { name, problem: `it is a model for ${manifest.task}` }
      if (positiveClass(manifest.classes) !== positiveClass(inputs.classes)) {
        return { name, problem: `it predicts ${JSON.stringify(manifest.classes)}` }
      }
      return { name, probabilities }
    } catch (error) {
      // The champion may have learnt from columns that are no longer there, or be one that only others can run.
      const incomparable = ['training.data_unusable', 'model.no_manifest', 'model.manifest_invalid']
      if (isPlatformError(error) && incomparable.includes(error.code)) {
        return { name, problem: error.message }
      }
      throw error
    }
  }

  async function evaluate(context: StepContext, inputs: Inputs): Promise<Made> {
    const { model, data, gate } = inputs
    const { signal } = context
    const manifest = await readManifest(content, model.digest)
    context.progress({ fraction: 0, message: 'reading the data' })
    const set = await features.loadTrainingSet(data.digest, { signal })
    const whole = { context, inputs, manifest, set }
    return 'metrics' in gate ? judgeByMetrics(whole, gate) : compare(whole, gate)
  }

  interface Given {
    context: StepContext
    inputs: Inputs
    manifest: ModelManifest
    set: LoadedTrainingSet
  }

  function predict({ context, inputs, manifest, set }: Given) {
    context.progress({ fraction: 0.2, message: `predicting ${set.rows} rows` })
    const { digest } = inputs.model
    return predictSet(content, { manifest, digest }, { set, signal: context.signal })
  }

  async function compare(given: Given, gate: Gate): Promise<Made> {
    const { context, inputs, manifest, set } = given
    const { model, data } = inputs
    const { signal } = context
    if ((manifest.task ?? 'binary-classification') !== 'binary-classification') {
      throw fail('step.input_invalid', {
        input: 'gate',
        reason: `it compares models of two classes, and this one is for ${manifest.task}; give limits of metrics, { metrics: … }`,
      })
    }
    const labels = binaryLabels(set, manifest)
    const times = timesOf(set)
    checkRows(set, { labels, times }, manifest.trainedThrough)
    const probabilities = positiveProbabilities(await predict(given))
    if (!probabilities) {
      throw fail('model.manifest_invalid', {
        digest: model.digest,
        reason: 'its model is not of two classes',
      })
    }
    const { classes } = manifest
    const champion = await askChampion({ champion: inputs.champion, classes }, set, signal)
    context.progress({ fraction: 0.6, message: 'comparing with the baselines' })
    const historyDigest = inputs.trainingData?.digest ?? manifest.trainingSet
    const history = await features.loadTrainingSet(historyDigest, { signal })
    const evaluation = evaluateModel({
      model,
      rows: { set, labels, times, digest: data.digest },
      history: { set: history, labels: binaryLabels(history, manifest), digest: historyDigest },
      probabilities,
      champion,
      gate,
    })
    return { evaluation, plots: evaluationPlots(labels, probabilities) }
  }

  async function judgeByMetrics(given: Given, gate: MetricGate): Promise<Made> {
    const { inputs, manifest, set } = given
    for (const input of ['champion', 'trainingData'] as const) {
      if (inputs[input] === undefined || inputs[input] === null) continue
      const reason = 'limits of metrics compare with nothing else; leave it out'
      throw fail('step.input_invalid', { input, reason })
    }
    const times = timesOf(set)
    const { target } = targetOf(set, manifest.task === 'regression' ? 'regression' : 'classification')
    checkLater(set, times, manifest.trainedThrough)
    const prediction = await predict(given)
    const evaluation = evaluateMetrics({
      model: inputs.model,
      rows: { set: set.manifest.name, digest: inputs.data.digest, times, target },
      prediction,
      gate,
    })
    return { evaluation, plots: predictionPlots(target, prediction) }
  }

  /** The evaluation becomes visible on the run with its last write, so it is there wholly or not at all. */
  async function store({ evaluation, plots }: Made, tag: string): Promise<string> {
    const bytes = Buffer.from(canonicalJson(evaluation))
    const { digest } = await content.putBytes(bytes)
    const folder = `evaluation/${digest.slice(0, 12)}`
    await tracking.logArtifact(evaluation.runId, `${folder}/evaluation.json`, bytes)
    const placed = Object.entries(plots).map(([name, plot]) => [`${folder}/${name}`, plot])
    await logPlots(tracking, evaluation.runId, Object.fromEntries(placed))
    const values = metricsOf(evaluation)
    const at = deps.clock.now()
    await tracking.logBatch({
      run: evaluation.runId,
      metrics: Object.entries(values).map(([key, value]) => ({ key, value, at, step: 0 })),
      tags: { [tag]: digest, 'millrace.gate': evaluation.reason.slice(0, 8000) },
    })
    return digest
  }

  async function evaluateAndStore(context: StepContext, inputs: Inputs, tag: string) {
    const made = await evaluate(context, inputs)
    return { evaluation: made.evaluation, digest: await store(made, tag) }
  }

  return {
    ...evaluateSignature,
    async run(context, given) {
      const inputs = readInputs(given)
      const tag = `millrace.evaluation.${context.pipelineRun}/${context.node}`
      const before = (await tracking.getRun(inputs.model.runId)).tags[tag]
      const found = before
        ? { evaluation: await readEvaluation(content, before), digest: before }
        : await evaluateAndStore(context, inputs, tag)
      const { evaluation, digest } = found
      const { passed, reason } = evaluation
      context.log(reason)
      return {
        evaluation: { digest, passed, ...scoresOf(evaluation) },
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
    gate: isMetricGate(gate) ? readInput('gate', MetricGate, gate) : readInput('gate', Gate, gate),
  }
}

function isMetricGate(gate: unknown): boolean {
  return typeof gate === 'object' && gate !== null && 'metrics' in gate
}

function positiveClass(classes: ModelManifest['classes']): string {
  // A flag and a number say the same.
  return classes === undefined || areFlags(classes) ? '1' : JSON.stringify(classes[1])
}

/** What the run gets, by the names that metrics of runs have. */
function metricsOf(evaluation: Evaluation | MetricEvaluation): Record<string, number> {
  if (!('baselines' in evaluation)) {
    const scores = Object.entries(evaluation.scores)
    return {
      ...Object.fromEntries(scores.map(([name, value]) => [`evaluation_${snakeCase(name)}`, value])),
      evaluation_rows: evaluation.rows,
    }
  }
  const { rocAuc, logLoss, brier, calibrationError } = evaluation.scores
  return {
    evaluation_roc_auc: rocAuc,
    evaluation_log_loss: logLoss,
    evaluation_brier: brier,
    evaluation_calibration_error: calibrationError,
    evaluation_rows: evaluation.rows,
  }
}

/** What later steps see. */
function scoresOf(evaluation: Evaluation | MetricEvaluation) {
  if (!('baselines' in evaluation)) return { scores: evaluation.scores }
  const { scores, baselines } = evaluation
  return {
    rocAuc: scores.rocAuc,
    logLoss: scores.logLoss,
    baselineRocAuc: Math.max(...baselines.map(({ rocAuc }) => rocAuc)),
    baselineLogLoss: Math.min(...baselines.map(({ logLoss }) => logLoss)),
  }
}
