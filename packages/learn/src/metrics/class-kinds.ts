import { choiceOption, integerOption, numberOption, type OptionRule } from '../options.ts'
import { binnedCalibrationError, expectedCalibrationError } from './calibration.ts'
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
import { type ClassificationRows, defineMetric, type EvaluationRows, type MetricKind } from './metric.ts'
import { multiclassRocAuc, sortedMulticlassRocAuc } from './multiclass-roc-auc.ts'
import { averagePrecision } from './precision-recall.ts'
import {
  brierLosses,
  brierScore,
  logLoss,
  logLosses,
  multiclassBrierLosses,
  multiclassBrierScore,
  multiclassLogLoss,
  multiclassLogLosses,
} from './probability-scores.ts'
import { rocAuc } from './roc-auc.ts'
import { sortedAveragePrecision, sortedRocAuc } from './sorted-scores.ts'
import { meanOfLosses, ofMatrix } from './weighted-metric.ts'

const acceptClasses = (kind: string, rows: EvaluationRows): ClassificationRows => {
  if (rows.task !== 'classification')
    throw new TypeError(`${kind} is of classifications, not of ${rows.task}`)
  return rows
}

/** Labels and probabilities of the positive class. */
export interface BinaryRows {
  readonly labels: Int32Array
  readonly probabilities: Float64Array
  readonly weights?: ArrayLike<number>
}

const toBinary = ({ codes, probabilities: ofBoth, weights }: ClassificationRows): BinaryRows => {
  const probabilities = new Float64Array(codes.length)
  for (let row = 0; row < codes.length; row += 1) probabilities[row] = ofBoth[row * 2 + 1]
  return { labels: codes, probabilities, weights }
}

export const acceptBinary = (kind: string, rows: EvaluationRows): BinaryRows => {
  const accepted = acceptClasses(kind, rows)
  if (accepted.classes.length !== 2)
    throw new TypeError(`${kind} is of two classes; there are ${accepted.classes.length}`)
  return toBinary(accepted)
}

const toMatrix = ({ codes, predicted, classes, weights }: ClassificationRows): ConfusionMatrix =>
  confusionMatrix(codes, predicted, { classes: classes.length, weights })

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
  { classes }: ClassificationRows,
  { average, zeroDivision }: ChosenAverage,
): AverageOptions => ({
  zeroDivision,
  average: average === 'auto' ? (classes.length === 2 ? 'binary' : 'macro') : average,
})

const anyClasses = ['binary', 'multiclass'] as const

export const classKinds: readonly MetricKind[] = [
  ...Object.entries({ accuracy, balancedAccuracy, matthewsCorrelation }).map(([kind, compute]) =>
    defineMetric({
      kind,
      direction: 'maximize',
      standardFor: anyClasses,
      rules: {},
      accept: acceptClasses,
      compute: (rows) => compute(toMatrix(rows)),
      prepare: (rows) => ofMatrix(rows, compute),
    }),
  ),
  ...Object.entries({ precision, recall, f1: fBeta }).map(([kind, compute]) =>
    defineMetric({
      kind,
      direction: 'maximize',
      standardFor: anyClasses,
      rules: averageRules,
      accept: acceptClasses,
      compute: (rows, options) => compute(toMatrix(rows), resolveAverage(rows, options)),
      prepare: (rows, options) => ofMatrix(rows, (matrix) => compute(matrix, resolveAverage(rows, options))),
    }),
  ),
  defineMetric({
    kind: 'fBeta',
    direction: 'maximize',
    standardFor: [],
    rules: { ...averageRules, beta: numberOption(1, { above: 0 }) },
    accept: acceptClasses,
    compute: (rows, { beta, ...options }) =>
      fBeta(toMatrix(rows), { beta, ...resolveAverage(rows, options) }),
    prepare: (rows, { beta, ...options }) =>
      ofMatrix(rows, (matrix) => fBeta(matrix, { beta, ...resolveAverage(rows, options) })),
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
    prepare(rows, options) {
      const { classes, codes, probabilities } = rows
      if (classes.length > 2)
        return sortedMulticlassRocAuc(codes, probabilities, { ...options, classes: classes.length })
      const binary = toBinary(rows)
      return sortedRocAuc(binary.labels, binary.probabilities)
    },
  }),
  defineMetric({
    kind: 'averagePrecision',
    direction: 'maximize',
    standardFor: ['binary'],
    rules: {},
    accept: acceptBinary,
    compute: ({ labels, probabilities, weights }) => averagePrecision(labels, probabilities, { weights }),
    prepare: ({ labels, probabilities }) => sortedAveragePrecision(labels, probabilities),
  }),
  ...(
    [
      ['logLoss', logLoss, logLosses, multiclassLogLoss, multiclassLogLosses],
      ['brierScore', brierScore, brierLosses, multiclassBrierScore, multiclassBrierLosses],
    ] as const
  ).map(([kind, ofTwo, lossesOfTwo, ofMany, lossesOfMany]) =>
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
      prepare(rows) {
        const { classes, codes, probabilities } = rows
        if (classes.length > 2) return meanOfLosses(lossesOfMany(codes, probabilities, classes.length))
        const binary = toBinary(rows)
        return meanOfLosses(lossesOfTwo(binary.labels, binary.probabilities))
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
    prepare: ({ labels, probabilities }, options) => binnedCalibrationError(labels, probabilities, options),
  }),
]
