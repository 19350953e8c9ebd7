import { choiceOption, integerOption, numberOption, type OptionRule } from '../options.ts'
import { expectedCalibrationError } from './calibration.ts'
import {
  type AverageOptions,
  accuracy,
  balancedAccuracy,
  fBeta,
  matthewsCorrelation,
  precision,
  recall,
} from './class-scores.ts'
import { type ConfusionMatrix, confusionMatrix } from './confusion.ts'
import {
  type ClassificationRows,
  defineMetric,
  type EvaluationRows,
  type MetricKind,
  type RegressionRows,
} from './metric.ts'
import { multiclassRocAuc } from './multiclass-roc-auc.ts'
import { averagePrecision } from './precision-recall.ts'
import { brierScore, logLoss, multiclassBrierScore, multiclassLogLoss } from './probability-scores.ts'
import { meanAveragePrecision, meanReciprocalRank, ndcg, precisionAtK, recallAtK } from './ranking.ts'
import {
  explainedVariance,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPoissonDeviance,
  meanSquaredError,
  medianAbsoluteError,
  pinballLoss,
  r2,
  rootMeanSquaredError,
} from './regression.ts'
import { rocAuc } from './roc-auc.ts'

const acceptClasses = (kind: string, rows: EvaluationRows): ClassificationRows => {
  if (rows.task !== 'classification')
    throw new TypeError(`${kind} is of classifications, not of ${rows.task}`)
  return rows
}

const acceptNumbers = (kind: string, rows: EvaluationRows): RegressionRows => {
  if (rows.task !== 'regression') throw new TypeError(`${kind} is of regressions, not of ${rows.task}`)
  return rows
}

/** Labels and probabilities of the positive class. */
interface BinaryRows {
  readonly labels: Int32Array
  readonly probabilities: Float64Array
  readonly weights?: ArrayLike<number>
}

const toBinary = ({ codes, probabilities: ofBoth, weights }: ClassificationRows): BinaryRows => {
  const probabilities = new Float64Array(codes.length)
  for (let row = 0; row < codes.length; row += 1) probabilities[row] = ofBoth[row * 2 + 1]
  return { labels: codes, probabilities, weights }
}

const acceptBinary = (kind: string, rows: EvaluationRows): BinaryRows => {
  const accepted = acceptClasses(kind, rows)
  if (accepted.classes.length !== 2)
    throw new TypeError(`${kind} is of two classes; there are ${accepted.classes.length}`)
  return toBinary(accepted)
}

const acceptMatrix = (kind: string, rows: EvaluationRows): ConfusionMatrix => {
  const { codes, predicted, classes, weights } = acceptClasses(kind, rows)
  return confusionMatrix(codes, predicted, { classes: classes.length, weights })
}

type ChosenAverage = { average: AverageOptions['average'] | 'auto'; zeroDivision: 0 | 1 | 'undefined' }

const averageRules = {
  average: choiceOption<ChosenAverage['average'] & string>('auto', [
    'auto',
    'binary',
    'macro',
    'micro',
    'weighted',
  ]),
  zeroDivision: ((name, value = 0) => {
    if (value !== 0 && value !== 1 && value !== 'undefined')
      throw new RangeError(`${name} must be 0, 1 or 'undefined', not ${String(value)}`)
    return value
  }) satisfies OptionRule<0 | 1 | 'undefined'>,
}

const resolveAverage = (
  matrix: ConfusionMatrix,
  { average, zeroDivision }: ChosenAverage,
): AverageOptions => ({
  zeroDivision,
  average: average === 'auto' ? (matrix.classes === 2 ? 'binary' : 'macro') : average,
})

const anyClasses = ['binary', 'multiclass'] as const

const classMetrics: MetricKind[] = [
  ...Object.entries({ accuracy, balancedAccuracy, matthewsCorrelation }).map(([kind, compute]) =>
    defineMetric({
      kind,
      direction: 'maximize',
      standardFor: anyClasses,
      rules: {},
      accept: acceptMatrix,
      compute: (matrix) => compute(matrix),
    }),
  ),
  ...Object.entries({ precision, recall, f1: fBeta }).map(([kind, compute]) =>
    defineMetric({
      kind,
      direction: 'maximize',
      standardFor: anyClasses,
      rules: averageRules,
      accept: acceptMatrix,
      compute: (matrix, options) => compute(matrix, resolveAverage(matrix, options)),
    }),
  ),
  defineMetric({
    kind: 'fBeta',
    direction: 'maximize',
    standardFor: [],
    rules: { ...averageRules, beta: numberOption(1, { above: 0 }) },
    accept: acceptMatrix,
    compute: (matrix, { beta, ...options }) => fBeta(matrix, { beta, ...resolveAverage(matrix, options) }),
  }),
  defineMetric({
    kind: 'rocAuc',
    direction: 'maximize',
    standardFor: anyClasses,
    rules: {
      multiClass: choiceOption<'ovr' | 'ovo'>('ovr', ['ovr', 'ovo']),
      average: choiceOption<'macro' | 'weighted'>('macro', ['macro', 'weighted']),
    },
    accept: acceptClasses,
    compute(rows, options) {
      const { classes, codes, probabilities, weights } = rows
      if (classes.length > 2)
        return multiclassRocAuc(codes, probabilities, { ...options, classes: classes.length, weights })
      const binary = toBinary(rows)
      return rocAuc(binary.labels, binary.probabilities, { weights })
    },
  }),
  defineMetric({
    kind: 'averagePrecision',
    direction: 'maximize',
    standardFor: ['binary'],
    rules: {},
    accept: acceptBinary,
    compute: ({ labels, probabilities, weights }) => averagePrecision(labels, probabilities, { weights }),
  }),
  ...(
    [
      ['logLoss', logLoss, multiclassLogLoss],
      ['brierScore', brierScore, multiclassBrierScore],
    ] as const
  ).map(([kind, ofTwo, ofMany]) =>
    defineMetric({
      kind,
      direction: 'minimize',
      standardFor: anyClasses,
      rules: {},
      accept: acceptClasses,
      compute(rows) {
        const { classes, codes, probabilities, weights } = rows
        if (classes.length > 2) return ofMany(codes, probabilities, { classes: classes.length, weights })
        const binary = toBinary(rows)
        return ofTwo(binary.labels, binary.probabilities, { weights })
      },
    }),
  ),
  defineMetric({
    kind: 'expectedCalibrationError',
    direction: 'minimize',
    standardFor: ['binary'],
    rules: {
      bins: integerOption(10, 1, 100_000),
      strategy: choiceOption<'uniform' | 'quantile'>('uniform', ['uniform', 'quantile']),
    },
    accept: acceptBinary,
    compute: ({ labels, probabilities, weights }, options) =>
      expectedCalibrationError(labels, probabilities, { ...options, weights }),
  }),
]

const regressionMetrics: MetricKind[] = [
  ...Object.entries({
    rootMeanSquaredError,
    meanSquaredError,
    meanAbsoluteError,
    medianAbsoluteError,
    meanAbsolutePercentageError,
    meanPoissonDeviance,
    r2,
    explainedVariance,
  }).map(([kind, compute]) =>
    defineMetric({
      kind,
      direction: kind === 'r2' || kind === 'explainedVariance' ? 'maximize' : 'minimize',
      standardFor: ['meanSquaredError', 'meanPoissonDeviance', 'explainedVariance'].includes(kind)
        ? []
        : ['regression'],
      rules: {},
      accept: acceptNumbers,
      compute: ({ actual, predicted, weights }) => compute(actual, predicted, { weights }),
    }),
  ),
  defineMetric({
    kind: 'pinballLoss',
    direction: 'minimize',
    standardFor: [],
    rules: { alpha: numberOption(0.5, { min: 0, max: 1 }) },
    accept: acceptNumbers,
    compute: ({ actual, predicted, weights }, { alpha }) =>
      pinballLoss(actual, predicted, { alpha, weights }),
  }),
]

/** Relevance and scores: the target and prediction of a regression, or the positive class of two. */
const acceptRanking = (kind: string, rows: EvaluationRows) => {
  const { weights, queries } = rows
  if (rows.task === 'regression') return { relevance: rows.actual, scores: rows.predicted, weights, queries }
  const { labels, probabilities } = acceptBinary(kind, rows)
  return { relevance: labels, scores: probabilities, weights, queries }
}

const rankingRules = {
  k: ((name, value) =>
    value === undefined ? undefined : integerOption(1, 1, 2 ** 31)(name, value)) satisfies OptionRule<
    number | undefined
  >,
  noRelevant: ((name, value = 0) => {
    if (value !== 0 && value !== 'skip')
      throw new RangeError(`${name} must be 0 or 'skip', not ${String(value)}`)
    return value
  }) satisfies OptionRule<0 | 'skip'>,
}

const rankingMetrics: MetricKind[] = [
  defineMetric({
    kind: 'ndcg',
    direction: 'maximize',
    standardFor: ['ranking'],
    rules: {
      ...rankingRules,
      gain: choiceOption<'linear' | 'exponential'>('linear', ['linear', 'exponential']),
    },
    accept: acceptRanking,
    compute: ({ relevance, scores, ...rest }, options) => ndcg(relevance, scores, { ...options, ...rest }),
  }),
  ...Object.entries({ meanAveragePrecision, meanReciprocalRank, precisionAtK, recallAtK }).map(
    ([kind, compute]) =>
      defineMetric({
        kind,
        direction: 'maximize',
        standardFor: kind.endsWith('AtK') ? [] : ['ranking'],
        rules: rankingRules,
        accept: acceptRanking,
        compute: ({ relevance, scores, ...rest }, options) =>
          compute(relevance, scores, { ...options, ...rest }),
      }),
  ),
]

/** Every metric, by kind. */
export const metricKinds: ReadonlyMap<string, MetricKind> = new Map(
  [...classMetrics, ...regressionMetrics, ...rankingMetrics].map((kind) => [kind.kind, kind]),
)

/** Throws a RangeError that lists the kinds there are. */
export const getMetricKind = (kind: string): MetricKind => {
  const found = metricKinds.get(kind)
  if (!found)
    throw new RangeError(`there is no metric '${kind}'; there are ${[...metricKinds.keys()].join(', ')}`)
  return found
}
