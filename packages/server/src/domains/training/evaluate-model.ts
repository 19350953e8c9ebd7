import {
  type Classification,
  evaluate,
  type Frame,
  type Regression,
  rowLosses,
  type Target,
} from '@millrace/learn'
import { compareLosses } from '@millrace/stats'
import type { PredictedBaseline } from './baselines.ts'
import { binaryRows, type Costs, calibrationOf, requireBinary, thresholdByCosts } from './binary.ts'
import type { Champion } from './champion.ts'
import type { Evaluation } from './evaluation.ts'
import { scoreIntervals } from './evaluation-intervals.ts'
import { type SlicedColumn, scoreSlices } from './evaluation-slices.ts'
import type { EvaluationTask } from './evaluation-target.ts'
import type { Gate } from './gate.ts'
import {
  type Baseline,
  type ChampionComparison,
  type Check,
  checkBaseline,
  checkChampion,
  checkMetrics,
  checkSlices,
  summarise,
} from './gate-checks.ts'
import { mainLoss, mainMetrics, measure, measureMain, type Scores, sliceLoss } from './scores.ts'

export interface EvaluationInput {
  model: { digest: string; runId: string }
  task: EvaluationTask
  rows: {
    /** Name and digest of the training set. */
    set: string
    digest: string
    times: Float64Array
    target: Target
    /** The columns to slice by. */
    slices: Frame | undefined
  }
  prediction: Classification | Regression
  baselines: { digest: string; predicted: readonly PredictedBaseline[] } | undefined
  champion: Champion | undefined
  gate: Gate
  costs: Costs | undefined
}

/** So many slices of a column are kept; the gate sees all. */
const mostSlices = 20
const minimumRows = 30

/**
 * Pure: the same input gives the same evaluation.
 * @throws `step.input_invalid` for a metric or costs of another task; `evaluation.data_unusable` if the rows do not define
 * a metric of the gate
 */
export function evaluateModel(input: EvaluationInput): Evaluation {
  const { model, task, rows, prediction, gate, costs } = input
  const { target, times } = rows
  const scores = measureGate(input, evaluate(prediction, target))
  const binary = binaryRows(prediction, target)
  const threshold = costs ? thresholdByCosts(requireBinary(binary, task), costs) : null
  const slices = sliceRows(input)
  const baselines = scoreBaselines(input)
  const champion = compareWithChampion(input)
  const checks = [
    ...checkMetrics(scores, gate.metrics ?? {}),
    ...baselines.flatMap((baseline) => checkBaseline(scores, baseline, gate.baseline?.margins ?? {})),
    ...champion.checks,
    ...checkGateSlices(slices, gate),
  ]
  return {
    kind: 'evaluation',
    model: model.digest,
    runId: model.runId,
    data: rows.digest,
    baselineData: input.baselines?.digest ?? null,
    task,
    classes: prediction.task === 'classification' ? [...prediction.classes] : null,
    rows: times.length,
    from: times[0],
    through: times[times.length - 1],
    scores,
    intervals: scoreIntervals(
      prediction,
      target,
      pick(scores, [...mainMetrics(task), ...namesOf(gate.metrics)]),
    ),
    calibration: binary ? calibrationOf(binary) : null,
    threshold,
    slices: slices.map((column) => ({ ...column, slices: column.slices.slice(0, mostSlices) })),
    baselines,
    champion: champion.comparison,
    gate,
    checks,
    ...summarise(checks),
  }
}

/** All that the gate names beside the usual ones, so that a metric of another task is refused, whatever part it is in. */
function measureGate({ rows, prediction, gate }: EvaluationInput, usual: Scores): Scores {
  const scores = { ...usual }
  const parts = [
    { place: 'gate.metrics', names: namesOf(gate.metrics) },
    { place: 'gate.baseline.margins', names: namesOf(gate.baseline?.margins) },
    { place: 'gate.slices.metrics', names: namesOf(gate.slices?.metrics) },
  ]
  for (const { place, names } of parts) {
    const others = names.filter((name) => !Object.hasOwn(scores, name))
    Object.assign(scores, measure(prediction, rows, { place, names: others }))
  }
  return scores
}

function scoreBaselines({ task, rows, baselines, gate }: EvaluationInput): Baseline[] {
  return (baselines?.predicted ?? []).map(({ name, prediction }) => {
    const scores = measureMain(prediction, rows.target, task)
    const names = namesOf(gate.baseline?.margins).filter((metric) => !Object.hasOwn(scores, metric))
    const others = measure(prediction, rows, { place: 'gate.baseline.margins', names })
    return { name, scores: { ...scores, ...others } }
  })
}

function compareWithChampion({ task, rows, prediction, champion, gate }: EvaluationInput): {
  comparison: ChampionComparison | null
  checks: Check[]
} {
  if (!champion || !gate.champion) return { comparison: null, checks: [] }
  if ('problem' in champion) {
    const detail = `the champion ${champion.name} cannot be compared: ${champion.problem} (leave out "champion" to decide without it)`
    return { comparison: null, checks: [{ passed: false, detail }] }
  }
  const { alpha, metric = mainLoss(task) } = gate.champion
  const losses = {
    champion: rowLosses(metric, champion.prediction, rows.target),
    challenger: rowLosses(metric, prediction, rows.target),
  }
  const comparison: ChampionComparison = {
    champion: champion.name,
    metric,
    scores: { [metric]: meanOf(losses.champion), ...measureMain(champion.prediction, rows.target, task) },
    comparison: compareLosses(losses, { confidence: 1 - 2 * alpha }),
  }
  const means = { model: meanOf(losses.challenger), champion: meanOf(losses.champion) }
  return { comparison, checks: [checkChampion(comparison, means, gate.champion)] }
}

function sliceRows({ task, rows, prediction, gate }: EvaluationInput): SlicedColumn[] {
  if (!rows.slices) return []
  return scoreSlices({
    frame: rows.slices,
    prediction,
    target: rows.target,
    losses: rowLosses(sliceLoss(task), prediction, rows.target),
    metrics: [...new Set([...mainMetrics(task), ...namesOf(gate.slices?.metrics)])],
    minimumRows: gate.slices?.minimumRows ?? minimumRows,
  })
}

/** Columns that were only asked about decide nothing. */
function checkGateSlices(slices: readonly SlicedColumn[], { slices: part }: Gate): Check[] {
  if (!part) return []
  const judged = slices.filter(({ column }) => part.by.includes(column))
  return checkSlices(judged, part)
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function namesOf(metrics: Readonly<Record<string, unknown>> = {}): string[] {
  return Object.keys(metrics)
}

function pick(scores: Scores, names: readonly string[]): Scores {
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => (Object.hasOwn(scores, name) ? [[name, scores[name]]] : [])),
  )
}
