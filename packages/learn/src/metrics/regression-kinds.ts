import { numberOption } from '../options.ts'
import { defineMetric, type EvaluationRows, type MetricKind, type RegressionRows } from './metric.ts'
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
import { pinball, regressionLosses } from './regression-losses.ts'

const acceptNumbers = (kind: string, rows: EvaluationRows): RegressionRows => {
  if (rows.task !== 'regression') throw new TypeError(`${kind} is of regressions, not of ${rows.task}`)
  return rows
}

const checked = {
  rootMeanSquaredError,
  meanSquaredError,
  meanAbsoluteError,
  medianAbsoluteError,
  meanAbsolutePercentageError,
  meanPoissonDeviance,
  r2,
  explainedVariance,
} satisfies Record<keyof typeof regressionLosses, unknown>

export const regressionKinds: readonly MetricKind[] = [
  ...(Object.keys(checked) as (keyof typeof checked)[]).map((kind) =>
    defineMetric({
      kind,
      direction: kind === 'r2' || kind === 'explainedVariance' ? 'maximize' : 'minimize',
      standardFor: ['meanSquaredError', 'meanPoissonDeviance', 'explainedVariance'].includes(kind)
        ? []
        : ['regression'],
      rules: {},
      accept: acceptNumbers,
      compute: ({ actual, predicted, weights }) => checked[kind](actual, predicted, { weights }),
      prepare: ({ actual, predicted }) => regressionLosses[kind](actual, predicted),
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
    prepare: ({ actual, predicted }, { alpha }) => pinball(alpha)(actual, predicted),
  }),
]
