import {
  type CalibrationBin,
  type Classification,
  type Confusion,
  calibrationCurve,
  calibrationInTheLarge,
  chooseThreshold,
  confusionAt,
  type Regression,
  type Target,
} from '@millrace/learn'
import { fail } from '@millrace/protocol'
import { type Static, Type } from 'typebox'

/** Labels (1 for the second class, else 0) and the probability of the second class. */
export interface BinaryRows {
  labels: Float64Array
  probabilities: Float64Array
}

/** Rows of two classes; undefined for a prediction of anything else. */
export function binaryRows(prediction: Classification | Regression, target: Target): BinaryRows | undefined {
  if (prediction.task !== 'classification' || prediction.classes.length !== 2) return undefined
  if (target.kind !== 'classes') return undefined
  const { classes, codes } = target
  return {
    labels: Float64Array.from(codes, (code) => Number(classes[code] === prediction.classes[1])),
    probabilities: prediction.probabilities.filter((_, at) => at % 2 === 1),
  }
}

/** Whether probabilities are what happens, over all rows and by tenths of the probability. */
export interface Calibration {
  meanPredicted: number
  observedRate: number
  bins: CalibrationBin[]
}

export function calibrationOf({ labels, probabilities }: BinaryRows): Calibration {
  const { meanPredicted, observedRate } = calibrationInTheLarge(labels, probabilities)
  return { meanPredicted, observedRate, bins: calibrationCurve(labels, probabilities) }
}

const Cost = Type.Number()
/** What each outcome of one row costs, in any unit; a gain is negative. Right ones cost 0 unless given. */
export const Costs = Type.Object(
  {
    falsePositive: Cost,
    falseNegative: Cost,
    truePositive: Type.Optional(Cost),
    trueNegative: Type.Optional(Cost),
  },
  { additionalProperties: false },
)
export type Costs = Static<typeof Costs>

/** Above which probability it costs least to act, chosen on the rows that it is measured on. */
export interface CostThreshold {
  costs: Costs
  threshold: number
  /** Of a row, in the unit of the costs, with this threshold and with 0.5. */
  meanCost: number
  meanCostAtHalf: number
  confusion: Confusion
}

export function thresholdByCosts({ labels, probabilities }: BinaryRows, costs: Costs): CostThreshold {
  const { threshold, value, confusion } = chooseThreshold(labels, probabilities, { costs })
  const half = confusionAt(labels, probabilities)
  const total =
    half.falsePositives * costs.falsePositive +
    half.falseNegatives * costs.falseNegative +
    half.truePositives * (costs.truePositive ?? 0) +
    half.trueNegatives * (costs.trueNegative ?? 0)
  return { costs, threshold, meanCost: value, meanCostAtHalf: total / labels.length, confusion }
}

/** @throws `step.input_invalid` for costs of a model that has no such outcomes */
export function requireBinary(rows: BinaryRows | undefined, task: string): BinaryRows {
  if (rows) return rows
  throw fail('step.input_invalid', {
    input: 'costs',
    reason: `they are of two classes, and the model is for ${task}; leave them out`,
  })
}
