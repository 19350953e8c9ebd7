import type { Label } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Calibration, CostThreshold } from './binary.ts'
import type { ScoreIntervals } from './evaluation-intervals.ts'
import type { SlicedColumn } from './evaluation-slices.ts'
import type { EvaluationTask } from './evaluation-target.ts'
import type { Gate } from './gate.ts'
import type { Baseline, ChampionComparison, Check } from './gate-checks.ts'
import { bestOf, type Scores } from './scores.ts'

/** How a model did on rows it has not seen, and what the gate says. Content-addressed JSON. */
export interface Evaluation {
  kind: 'evaluation'
  /** Digest of the model's manifest. */
  model: string
  runId: string
  /** Digest of the training set it was measured on, and of the one that the baselines learnt from. */
  data: string
  baselineData: string | null
  task: EvaluationTask
  /** Of a classifier, in the order of its probabilities; the second of two is the positive one. */
  classes: Label[] | null
  rows: number
  /** Event times of the first and the last row, in milliseconds. */
  from: number
  through: number
  /** Metrics as learn calls them: the usual ones of the task that the rows define, and those that the gate names. */
  scores: Scores
  intervals: ScoreIntervals
  /** Of two classes. */
  calibration: Calibration | null
  /** Of two classes, if costs are given. */
  threshold: CostThreshold | null
  /** By each column that was asked for, the worst ones. */
  slices: SlicedColumn[]
  baselines: Baseline[]
  champion: ChampionComparison | null
  gate: Gate
  checks: Check[]
  passed: boolean
  reason: string
}

/**
 * Scores by name, with the best baseline's and the champion's beside them: `rocAuc`, `baselineRocAuc`, `championRocAuc`.
 */
export function comparedScores({ scores, baselines, champion }: Evaluation): Scores {
  const named = (who: string, name: string) => `${who}${name[0].toUpperCase()}${name.slice(1)}`
  const common = Object.keys(baselines.at(0)?.scores ?? {}).filter((name) =>
    baselines.every((baseline) => Object.hasOwn(baseline.scores, name)),
  )
  const best = common.map((name) => [
    named('baseline', name),
    bestOf(
      name,
      baselines.map((baseline) => baseline.scores[name]),
    ),
  ])
  const ofChampion = Object.entries(champion?.scores ?? {}).map(([name, value]) => [
    named('champion', name),
    value,
  ])
  return { ...scores, ...Object.fromEntries([...best, ...ofChampion]) }
}

/** @throws `content.not_found`; `step.input_invalid` if the content is something else */
export async function readEvaluation(content: ContentStore, digest: string): Promise<Evaluation> {
  const refuse = (cause?: unknown) =>
    fail(
      'step.input_invalid',
      { input: 'evaluation', reason: `content ${digest} is not an evaluation` },
      cause,
    )
  let evaluation: Partial<Evaluation> | null
  try {
    evaluation = JSON.parse(Buffer.from(await content.getBytes(digest)).toString('utf8')) as typeof evaluation
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(error)
    throw error
  }
  if (evaluation?.kind !== 'evaluation') throw refuse()
  return evaluation as Evaluation
}
