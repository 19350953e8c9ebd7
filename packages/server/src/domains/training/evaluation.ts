import { type CalibrationBin, calibrationCurve } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import { type Labelled, scoreBaselines } from './baselines.ts'
import {
  type Baseline,
  type ChampionComparison,
  type Check,
  checkBaseline,
  checkChampion,
  compareWithChampion,
  type Gate,
  summarise,
} from './gate.ts'
import type { MetricEvaluation } from './metric-gate.ts'
import { type ModelScores, modelScoresOf, scoresOf } from './scores.ts'

/** How a model did on rows it has not seen, and what the gate says. Content-addressed JSON. */
export interface Evaluation {
  kind: 'evaluation'
  /** Digest of the model's manifest. */
  model: string
  runId: string
  /** Digest of the training set it was measured on, and of the one that the baselines learnt from. */
  data: string
  baselineData: string
  rows: number
  positives: number
  /** Event times of the first and the last row, in milliseconds. */
  from: number
  through: number
  scores: ModelScores
  calibration: CalibrationBin[]
  baselines: Baseline[]
  champion: ChampionComparison | null
  gate: Gate
  checks: Check[]
  passed: boolean
  reason: string
}

/** Another model on the same rows; without probabilities if it cannot be asked about them. */
export type Champion = { name: string; probabilities: Float64Array } | { name: string; problem: string }

export interface EvaluationInput {
  model: { digest: string; runId: string }
  rows: Labelled & { digest: string; times: Float64Array }
  history: Labelled & { digest: string }
  probabilities: Float64Array
  champion: Champion | undefined
  gate: Gate
}

/** Pure: the same input gives the same evaluation. Rows must have passed {@link checkRows}. */
export function evaluateModel(input: EvaluationInput): Evaluation {
  const { model, rows, history, probabilities, champion, gate } = input
  const { labels, times } = rows
  const scores = modelScoresOf(labels, probabilities)
  const baselines = scoreBaselines(history, rows, gate.baselineGroup)
  const checks = baselines.flatMap((baseline) => checkBaseline(scores, baseline, gate))
  let comparison: ChampionComparison | null = null
  if (champion && 'problem' in champion) {
    checks.push({
      passed: false,
      detail: `the champion ${champion.name} cannot be compared: ${champion.problem} (leave out "champion" to decide without it)`,
    })
  } else if (champion) {
    comparison = {
      champion: champion.name,
      ...scoresOf(labels, champion.probabilities),
      comparison: compareWithChampion(
        { labels, champion: champion.probabilities, challenger: probabilities },
        gate,
      ),
    }
    checks.push(checkChampion(scores, comparison, gate))
  }
  return {
    kind: 'evaluation',
    model: model.digest,
    runId: model.runId,
    data: rows.digest,
    baselineData: history.digest,
    rows: labels.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    from: times[0],
    through: times[times.length - 1],
    scores,
    calibration: calibrationCurve(labels, probabilities),
    baselines,
    champion: comparison,
    gate,
    checks,
    ...summarise(checks),
  }
}

/**
 * Refuses rows that say nothing about a model: one class only, or rows from the time that the model learnt from.
 * @throws `evaluation.data_unusable`
 */
export function checkRows(
  set: LoadedTrainingSet,
  rows: { labels: Float64Array; times: Float64Array },
  trainedThrough: number,
): void {
  const refuse = (reason: string) => fail('evaluation.data_unusable', { set: set.manifest.name, reason })
  const { labels, times } = rows
  const positives = labels.reduce((sum, label) => sum + label, 0)
  if (positives === 0 || positives === labels.length) {
    throw refuse(`both classes are needed; it has ${positives} positive among ${labels.length} rows`)
  }
  checkLater(set, times, trainedThrough)
}

/**
 * Refuses rows from the time that the model learnt from.
 * @throws `evaluation.data_unusable`
 */
export function checkLater(set: LoadedTrainingSet, times: Float64Array, trainedThrough: number): void {
  if (times[0] > trainedThrough) return
  const iso = (at: number) => new Date(at).toISOString()
  throw fail('evaluation.data_unusable', {
    set: set.manifest.name,
    reason: `it begins at ${iso(times[0])}, but the model learnt from rows up to ${iso(trainedThrough)}; judge it on later rows`,
  })
}

/** @throws `content.not_found`; `step.input_invalid` if the content is something else */
export async function readEvaluation(
  content: ContentStore,
  digest: string,
): Promise<Evaluation | MetricEvaluation> {
  const refuse = (cause?: unknown) =>
    fail(
      'step.input_invalid',
      { input: 'evaluation', reason: `content ${digest} is not an evaluation` },
      cause,
    )
  let evaluation: Partial<Evaluation | MetricEvaluation> | null
  try {
    evaluation = JSON.parse(Buffer.from(await content.getBytes(digest)).toString('utf8')) as typeof evaluation
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(error)
    throw error
  }
  if (evaluation?.kind !== 'evaluation') throw refuse()
  return evaluation as Evaluation | MetricEvaluation
}
