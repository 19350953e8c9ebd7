import type { LearnerSpec } from '../learner.ts'
import type { Prediction } from '../model.ts'
import type { Split, SplitSpec } from '../splits/split.ts'
import type { Plan } from './fit-task.ts'
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

export interface CrossValidationOptions extends ScoringOptions {
  /** Which rows to test on, and to learn from for that: how to split, or the splits. */
  readonly splits: SplitSpec | readonly Split[]
  /** Whether the rows learnt from are scored, too. Default false. */
  readonly trainScores?: boolean
}

export interface FoldResult extends TestScores {
  readonly trainRows: number
  readonly testRows: number
  readonly train?: TestScores
}

export interface CrossValidation {
  readonly folds: readonly FoldResult[]
  /** By metric, over the folds. */
  readonly summary: Readonly<Record<string, ScoreSummary>>
  /** What models said that had not learnt from the row; the mean where a row was tested more than once. */
  readonly outOfFold: {
    /** The rows that were tested, ascending: all, except before the first test of a split in time or after a hold-out. */
    readonly rows: Uint32Array
    readonly prediction: Prediction
  }
}

/** Values by row, `width` for each, of the rows that were tested. */
const averageByRow = (
  tests: readonly { readonly rows: Uint32Array; readonly values: Float64Array }[],
  size: { readonly rows: number; readonly width: number },
): { readonly rows: Uint32Array; readonly values: Float64Array } => {
  const { width } = size
  const sums = new Float64Array(size.rows * width)
  const counts = new Uint32Array(size.rows)
  for (const { rows, values } of tests)
    rows.forEach((row, index) => {
      counts[row] += 1
      for (let at = 0; at < width; at += 1) sums[row * width + at] += values[index * width + at]
    })
  const tested = Uint32Array.from({ length: size.rows }, (_, row) => row).filter((row) => counts[row] > 0)
  const values = new Float64Array(tested.length * width)
  tested.forEach((row, index) => {
    for (let at = 0; at < width; at += 1) values[index * width + at] = sums[row * width + at] / counts[row]
  })
  return { rows: tested, values }
}

const combine = (
  tests: readonly { readonly rows: Uint32Array; readonly prediction: Prediction }[],
  rows: number,
): CrossValidation['outOfFold'] => {
  const [{ prediction }] = tests
  const width = prediction.task === 'classification' ? prediction.classes.length : 1
  const found = averageByRow(
    tests.map((test) => ({ rows: test.rows, values: numbersOf(test.prediction) })),
    { rows, width },
  )
  return {
    rows: found.rows,
    prediction:
      prediction.task === 'classification'
        ? { task: 'classification', classes: prediction.classes, probabilities: found.values }
        : { task: 'regression', values: found.values },
  }
}

const numbersOf = (prediction: Prediction): Float64Array => {
  if (prediction.task === 'classification') return prediction.probabilities
  if (prediction.task === 'regression') return prediction.values
  throw new TypeError(`validation is of classifications and regressions, not of ${prediction.task}`)
}

/** The fits of a cross-validation; see `crossValidate`. */
export function* planCrossValidation(
  spec: LearnerSpec,
  data: ValidationData,
  options: CrossValidationOptions,
): Plan<CrossValidation> {
  checkValidationData(data)
  const splits = resolveSplits(options.splits, data)
  const predictions = yield splits.map(({ train, test }) => ({
    spec,
    train,
    predict: options.trainScores ? [test, train] : [test],
  }))
  const folds = splits.map(({ train, test }, index): FoldResult => {
    const [ofTest, ofTrain] = predictions[index]
    return {
      trainRows: train.length,
      testRows: test.length,
      ...scoreRows(ofTest, test, { ...options, data }),
      ...(ofTrain && { train: scoreRows(ofTrain, train, { ...options, data }) }),
    }
  })
  const tests = splits.map(({ test }, index) => ({ rows: test, prediction: predictions[index][0] }))
  return { folds, summary: summariseScores(folds), outOfFold: combine(tests, data.frame.rows) }
}
