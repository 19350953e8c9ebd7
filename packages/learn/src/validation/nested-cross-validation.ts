import type { LearnerSpec } from '../learner.ts'
import type { MetricChoice } from '../metrics/evaluate.ts'
import { getMetricKind } from '../metrics/metric-kinds.ts'
import type { SplitSpec } from '../splits/split.ts'
import type { FitTask, Plan } from './fit-task.ts'
import {
  checkValidationData,
  resolveSplits,
  type ScoreSummary,
  type ScoringOptions,
  scoreRows,
  summariseScores,
  type TestScores,
  takeValidationRows,
  type ValidationData,
} from './validation-data.ts'

export interface NestedCrossValidationOptions extends ScoringOptions {
  /** Splits whose tests score what was chosen. */
  readonly outer: SplitSpec
  /** Splits of the training rows of each outer one; by these one specification is chosen. */
  readonly inner: SplitSpec
  /** What is chosen by; the mean over the inner tests. */
  readonly chooseBy: MetricChoice
}

export interface NestedFold extends TestScores {
  /** The index of the specification that was best in the inner tests; the first one at ties. */
  readonly chosen: number
  /** Mean of `chooseBy` over the inner tests, for each specification. */
  readonly innerScores: readonly number[]
}

export interface NestedCrossValidation {
  readonly folds: readonly NestedFold[]
  /** By metric, over the outer tests: what choosing and fitting so is worth on new rows. */
  readonly summary: Readonly<Record<string, ScoreSummary>>
}

const nameOf = (choice: MetricChoice): string =>
  typeof choice === 'string' ? choice : (choice.name ?? choice.kind)

const best = (scores: readonly number[], choice: MetricChoice): number => {
  const { direction } = getMetricKind(typeof choice === 'string' ? choice : choice.kind)
  return scores.indexOf(direction === 'maximize' ? Math.max(...scores) : Math.min(...scores))
}

/** The fits of a nested cross-validation; see `nestedCrossValidate`. */
export function* planNestedCrossValidation(
  specs: readonly LearnerSpec[],
  data: ValidationData,
  options: NestedCrossValidationOptions,
): Plan<NestedCrossValidation> {
  checkValidationData(data)
  if (specs.length === 0) throw new RangeError('there is no specification to choose from')
  const { chooseBy } = options
  const outer = resolveSplits(options.outer, data).map((split) => {
    const inner = resolveSplits(options.inner, takeValidationRows(data, split.train))
    const toOuter = (rows: Uint32Array): Uint32Array => rows.map((row) => split.train[row])
    return {
      ...split,
      inner: inner.map(({ train, test }) => ({ train: toOuter(train), test: toOuter(test) })),
    }
  })
  const innerPredictions = yield outer.flatMap(({ inner }) =>
    specs.flatMap((spec) => inner.map(({ train, test }): FitTask => ({ spec, train, predict: [test] }))),
  )
  let next = 0
  const choices = outer.map(({ inner }) => {
    const innerScores = specs.map(() => {
      const tests = inner.map(({ test }) => {
        const [prediction] = innerPredictions[next]
        next += 1
        return scoreRows(prediction, test, { ...options, metrics: [chooseBy], data })
      })
      const found = summariseScores(tests)[nameOf(chooseBy)]
      if (!found)
        throw new RangeError(`${nameOf(chooseBy)} is undefined in every inner test; choose by another metric`)
      return found.mean
    })
    return { innerScores, chosen: best(innerScores, chooseBy) }
  })
  const predictions = yield outer.map(({ train, test }, index) => ({
    spec: specs[choices[index].chosen],
    train,
    predict: [test],
  }))
  const folds = outer.map(({ test }, index) => ({
    ...choices[index],
    ...scoreRows(predictions[index][0], test, { ...options, data }),
  }))
  return { folds, summary: summariseScores(folds) }
}
