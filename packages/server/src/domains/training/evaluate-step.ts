import type { Frame, PlotSpec } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import { Type } from 'typebox'
import { canonicalJson } from '../../kernel/hash.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { BuiltInStep, StepContext } from '../pipelines/index.ts'
import { type ModelManifest, readManifest } from '../registry/index.ts'
import { predictBaselines } from './baselines.ts'
import { Costs } from './binary.ts'
import { askChampion } from './champion.ts'
import { evaluateModel } from './evaluate-model.ts'
import { type Evaluation, readEvaluation } from './evaluation.ts'
import { evaluationPlots } from './evaluation-plots.ts'
import { renderEvaluation } from './evaluation-report.ts'
import { checkLater, classesOf, evaluationTarget, inOrder, taskOf } from './evaluation-target.ts'
import { Columns, checkGate, readGate } from './gate.ts'
import { toLearnerRows } from './learner-data.ts'
import { snakeCase } from './learner-metrics.ts'
import { logPlots } from './log-plots.ts'
import { predictSet } from './predictor.ts'
import { evaluateSignature } from './signatures.ts'
import { ModelInput, readInput, Text, TrainingSetInput } from './step-input.ts'
import { columnOf, type NamedColumn, timesOf } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'

type Inputs = ReturnType<typeof readInputs>
interface Made {
  evaluation: Evaluation
  plots: Readonly<Record<string, PlotSpec>>
}

/**
 * The step `evaluate`: measures a model on later rows, and says if it may be used. The gate decides how: by limits of
 * metrics, over all rows or in every slice, against baselines and against the champion on the same rows. That a model may
 * not be used is a normal outcome. Executed again it gives the evaluation that it stored before.
 */
export function evaluateStep(deps: TrainingDeps): BuiltInStep {
  const { tracking, content, features } = deps

  async function evaluate(context: StepContext, inputs: Inputs): Promise<Made> {
    const { model, data, gate } = inputs
    const { signal } = context
    const manifest = await readManifest(content, model.digest)
    const task = taskOf(manifest)
    checkGate(gate, { ...inputs, task })
    context.progress({ fraction: 0, message: 'reading the data' })
    const set = await features.loadTrainingSet(data.digest, { signal })
    const slices = sliceFrame(set, inputs)
    checkColumns(set, gate.baseline?.groupBy ?? [], 'gate.baseline.groupBy')
    const times = timesOf(set)
    const target = evaluationTarget(set, manifest)
    checkLater(set, times, manifest.trainedThrough)
    context.progress({ fraction: 0.2, message: `predicting ${set.rows} rows` })
    const { digest } = model
    const prediction = inOrder(
      await predictSet(content, { manifest, digest }, { set, signal }),
      classesOf(manifest),
    )
    const champion = inputs.champion
      ? await askChampion(deps, { champion: inputs.champion, challenger: manifest }, { set, signal })
      : undefined
    context.progress({ fraction: 0.6, message: 'comparing' })
    const evaluation = evaluateModel({
      model,
      task,
      rows: { set: set.manifest.name, digest: data.digest, times, target, slices },
      prediction,
      baselines: await learnBaselines({ inputs, manifest, signal }, { set, target }),
      champion,
      gate,
      costs: inputs.costs ?? undefined,
    })
    return { evaluation, plots: evaluationPlots(evaluation, target, prediction) }
  }

  type Rows = { set: LoadedTrainingSet; target: ReturnType<typeof evaluationTarget> }

  async function learnBaselines(
    { inputs, manifest, signal }: { inputs: Inputs; manifest: ModelManifest; signal: AbortSignal },
    rows: Rows,
  ) {
    const { baseline } = inputs.gate
    if (!baseline) return undefined
    const digest = inputs.trainingData?.digest ?? manifest.trainingSet
    const set = await features.loadTrainingSet(digest, { signal })
    checkColumns(set, baseline.groupBy ?? [], 'gate.baseline.groupBy')
    const grouped = (one: Rows) => ({
      target: one.target,
      groups: (baseline.groupBy ?? []).map((name) => columnOf(one.set, name)),
    })
    const history = grouped({ set, target: evaluationTarget(set, manifest) })
    const classes = taskOf(manifest) === 'regression' ? undefined : classesOf(manifest)
    return { digest, predicted: predictBaselines(history, grouped(rows), classes) }
  }

  /** The evaluation becomes visible on the run with its last write, so it is there wholly or not at all. */
  async function store({ evaluation, plots }: Made, tag: string): Promise<string> {
    const bytes = Buffer.from(canonicalJson(evaluation))
    const { digest } = await content.putBytes(bytes)
    const { runId } = evaluation
    const folder = `evaluation/${digest.slice(0, 12)}`
    await tracking.logArtifact(runId, `${folder}/evaluation.json`, bytes)
    const placed = Object.entries(plots).map(([name, plot]) => [`${folder}/${name}`, plot])
    const drawn = await logPlots(tracking, runId, Object.fromEntries(placed))
    const images = Object.entries(drawn).map(([path, svg]) => [path.slice(folder.length + 1), svg])
    const report = renderEvaluation(evaluation, Object.fromEntries(images))
    await tracking.logArtifact(runId, `${folder}/report.html`, Buffer.from(report))
    const at = deps.clock.now()
    const metrics = Object.entries({ ...evaluation.scores, rows: evaluation.rows })
    await tracking.logBatch({
      run: runId,
      metrics: metrics.map(([name, value]) => ({ key: `evaluation_${snakeCase(name)}`, value, at, step: 0 })),
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
      const { passed, reason, scores } = evaluation
      context.log(reason)
      return { evaluation: { digest, passed, scores }, passed, reason }
    },
  }
}

const optional = <T extends typeof TrainingSetInput | typeof Text | typeof Columns | typeof Costs>(
  schema: T,
) => Type.Union([schema, Type.Null(), Type.Undefined()])

function readInputs({ model, data, trainingData, champion, gate, slices, costs }: Record<string, unknown>) {
  return {
    model: readInput('model', ModelInput, model),
    data: readInput('data', TrainingSetInput, data),
    trainingData: readInput('trainingData', optional(TrainingSetInput), trainingData),
    champion: readInput('champion', optional(Text), champion),
    gate: readGate(gate),
    slices: readInput('slices', optional(Columns), slices),
    costs: readInput('costs', optional(Costs), costs),
  }
}

/** The columns to slice by: those that were asked for, and those of the gate. */
function sliceFrame(set: LoadedTrainingSet, { slices, gate }: Inputs): Frame | undefined {
  const columns = [
    ...checkColumns(set, gate.slices?.by ?? [], 'gate.slices.by'),
    ...checkColumns(set, slices ?? [], 'slices'),
  ]
  return columns.length > 0 ? toLearnerRows(set, columns).frame : undefined
}

/** @throws `step.input_invalid` for a column that the set does not have, and for its label */
function checkColumns(
  { manifest }: LoadedTrainingSet,
  names: readonly string[],
  place: string,
): NamedColumn[] {
  return names.map((name) => {
    const found = manifest.columns.find((column) => column.name === name)
    if (found && name !== manifest.label) return { name, type: found.type }
    const others = manifest.columns.map((column) => column.name).filter((one) => one !== manifest.label)
    const problem = found ? `"${name}" is its label` : `it has no column "${name}"`
    throw fail('step.input_invalid', {
      input: place,
      reason: `training set "${manifest.name}": ${problem}; it has ${others.join(', ')}`,
    })
  })
}
