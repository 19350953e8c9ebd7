import type { LearnerSpec } from '../learner.ts'
import { createRandom } from '../random.ts'
import { shuffle } from '../splits/shuffle.ts'
import type { Split, SplitSpec } from '../splits/split.ts'
import type { FitTask, Plan } from './fit-task.ts'
import {
  checkValidationData,
  resolveSplits,
  type ScoreSummary,
  type ScoringOptions,
  scoreRows,
  summariseScores,
  type TestScores,
  type ValidationData,
} from './validation-data.ts'

export interface LearningCurveOptions extends ScoringOptions {
  readonly splits: SplitSpec | readonly Split[]
  /** Rows to learn from: shares of the training rows, 0 < share <= 1. Default 0.1, 0.325, 0.55, 0.775, 1. */
  readonly trainSizes?: readonly number[]
  /** Of the draw of training rows; the smaller samples are parts of the larger ones. Default 0. */
  readonly seed?: number
}

export interface LearningCurvePoint {
  /** Rows learnt from: the mean over the folds. */
  readonly trainRows: number
  /** One for each split: scores of the test, and of the rows learnt from. */
  readonly folds: readonly { readonly test: TestScores; readonly train: TestScores }[]
  readonly test: Readonly<Record<string, ScoreSummary>>
  readonly train: Readonly<Record<string, ScoreSummary>>
}

/** The fits of a learning curve; see `learningCurve`. */
export function* planLearningCurve(
  spec: LearnerSpec,
  data: ValidationData,
  options: LearningCurveOptions,
): Plan<LearningCurvePoint[]> {
  checkValidationData(data)
  const sizes = options.trainSizes ?? [0.1, 0.325, 0.55, 0.775, 1]
  const wrong = sizes.find((size) => !(size > 0 && size <= 1))
  if (sizes.length === 0 || wrong !== undefined)
    throw new RangeError(`trainSizes must be shares above 0 and up to 1, not ${wrong ?? 'none'}`)
  const splits = resolveSplits(options.splits, data)
  const shuffled = splits.map(({ train }, index) =>
    shuffle(train.slice(), createRandom(options.seed ?? 0, index)),
  )
  const tasks = sizes.flatMap((size) =>
    splits.map(({ test }, index): FitTask => {
      const train = shuffled[index].slice(0, Math.max(1, Math.round(size * shuffled[index].length))).sort()
      return { spec, train, predict: [test, train] }
    }),
  )
  const predictions = yield tasks
  const scored = tasks.map(({ train, predict: [rows] }, index) => ({
    trainRows: train.length,
    test: scoreRows(predictions[index][0], rows, { ...options, data }),
    train: scoreRows(predictions[index][1], train, { ...options, data }),
  }))
  return sizes.map((_, at) => {
    const folds = scored.slice(at * splits.length, (at + 1) * splits.length)
    return {
      trainRows: folds.reduce((sum, { trainRows }) => sum + trainRows, 0) / folds.length,
      folds: folds.map(({ test, train }) => ({ test, train })),
      test: summariseScores(folds.map(({ test }) => test)),
      train: summariseScores(folds.map(({ train }) => train)),
    }
  })
}
