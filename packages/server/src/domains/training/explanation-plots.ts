import {
  countTreeNodes,
  explain,
  type Frame,
  gainImportances,
  type LinearFunction,
  listCoefficients,
  type Model,
  type PlotSpec,
  plotCoefficients,
  plotImportance,
  plotShapSummary,
  type ShapValues,
  shapImportance,
  takeFrameRows,
} from '@millrace/learn'
import { logPlots } from './log-plots.ts'
import { everyNth } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'

interface ExplainedFit {
  model: Model
  /** The rows that the model learnt from. */
  frame: Frame
  signal?: AbortSignal
  log(message: string): void
}

/** At most this many training rows, evenly spread, are explained. */
const mostRows = 1000
/** Nodes of trees, or columns, that are visited at most, over all rows: about a second. */
const mostVisits = 20_000_000
/** Explaining takes memory for each node; larger forests are not explained. */
const mostNodes = 200_000
/** Those that are visited between two looks at whether the step was cancelled. */
const visitsAtOnce = 1_000_000
/** Rows that are drawn; more could not be told apart. */
const drawnRows = 200
/** The coefficients of more classes cannot be read in a plot. */
const mostClasses = 10

/**
 * Logs what a model says of its columns: importance by gain (trees), coefficients (linear models), and SHAP values of a
 * sample of the training rows where the model can be explained. Each with its plot.
 */
export async function logExplanations(
  tracking: TrainingDeps['tracking'],
  run: string,
  fit: ExplainedFit,
): Promise<void> {
  const logJson = (path: string, value: unknown) =>
    tracking.logArtifact(run, path, Buffer.from(JSON.stringify(value)))
  const plots: Record<string, PlotSpec> = {}
  const importances = gainImportances(fit.model)
  // Those of isolation forests are all 0: their cuts are random.
  if (importances?.some(({ importance }) => importance > 0)) {
    await logJson('feature_importance.json', importances)
    const bars = importances.map(({ name, importance }) => ({ name, value: importance }))
    plots.feature_importance = plotImportance(bars, {
      title: 'Feature importance',
      valueTitle: 'Loss removed (share)',
    })
  }
  const functions = coefficientsOf(fit.model)
  if (functions) {
    await logJson('coefficients.json', functions)
    if (functions.length <= mostClasses) plots.coefficients = plotCoefficients(functions)
  }
  const explained = await explainSample(fit)
  if (explained) {
    const { shap, sample } = explained
    await logJson('shap_importance.json', describeImportance(shap))
    plots.shap_summary = plotSummary(shap, sample)
  }
  await logPlots(tracking, run, plots)
}

/** A pipeline's are those of the columns that come out of its transformers. */
function coefficientsOf(model: Model): LinearFunction[] | undefined {
  if (model.kind === 'pipeline') return coefficientsOf((model as Model & { learner: Model }).learner)
  try {
    return listCoefficients(model)
  } catch (error) {
    // A model of another kind has none.
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** SHAP values of some rows; undefined, with a line in the log, if there are none to have or they would take long. */
async function explainSample({ model, frame, signal, log }: ExplainedFit) {
  const nodes = countTreeNodes(model)
  if (nodes > mostNodes) {
    log(`no SHAP values: the trees have ${nodes} nodes, more than ${mostNodes}`)
    return undefined
  }
  const visits = Math.max(nodes, countCells(model))
  const rows = Math.max(1, Math.min(mostRows, Math.floor(mostVisits / visits)))
  const sample = everyNth(frame, Math.ceil(frame.rows / rows))
  const rowsAtOnce = Math.max(1, Math.floor(visitsAtOnce / visits))
  const parts: ShapValues[] = []
  try {
    for (let start = 0; start < sample.rows; start += rowsAtOnce) {
      const length = Math.min(rowsAtOnce, sample.rows - start)
      parts.push(
        explain(
          model,
          takeFrameRows(
            sample,
            Uint32Array.from({ length }, (_, i) => start + i),
          ),
        ),
      )
      // Lets a cancellation in.
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    log(`no SHAP values: ${error.message}`)
    return undefined
  }
  return { sample, shap: { ...parts[0], values: join(parts.map(({ values }) => values)) } }
}

function join(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Contributions to one row before they are summed by column: one-hot columns are many. */
function countCells(model: Model): number {
  if (model.kind === 'pipeline') return countCells((model as Model & { learner: Model }).learner)
  return model.inputs.length * (model.output.task === 'classification' ? model.output.classes.length : 1)
}

/** The mean of |SHAP value| of each column, the most important one first; of several classes also of each. */
function describeImportance(shap: ShapValues) {
  return shapImportance(shap).map(({ feature, importance, byOutput }) => ({
    name: feature,
    importance,
    ...(shap.outputs.length > 1 && {
      byClass: Object.fromEntries(shap.outputs.map((label, index) => [String(label), byOutput[index]])),
    }),
  }))
}

const units: Record<ShapValues['link'], string> = {
  identity: 'the prediction',
  logistic: 'the log-odds',
  softmax: 'the scores of the classes',
  exp: 'the logarithm of the prediction',
}

/** Each row as a point, or, of more than two classes, the means over the classes as bars. */
function plotSummary(shap: ShapValues, sample: Frame): PlotSpec {
  const { outputs, link } = shap
  if (outputs.length > 1) {
    const bars = shapImportance(shap).map(({ feature, importance }) => ({ name: feature, value: importance }))
    return plotImportance(bars, { title: 'SHAP values', valueTitle: `Mean effect on ${units[link]}` })
  }
  const [label] = outputs
  return plotShapSummary(shap, sample, {
    title: label === null ? 'SHAP values' : `SHAP values of ${String(label)}`,
    valueTitle: `SHAP value (effect on ${units[link]})`,
    rows: drawnRows,
  })
}
