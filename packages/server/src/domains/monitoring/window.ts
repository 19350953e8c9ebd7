import { logLoss, rocAuc } from '@millrace/learn/metrics'
import { type CalibrationSums, type ColumnProfile, profileCategorical, profileNumeric } from '@millrace/stats'
import type { LakeColumn } from '../../ports/lake.ts'

/** What was predicted for requests whose event time lies in a window, with the labels known so far. */
export interface WindowRows {
  rows: number
  /** Predicted probability of the positive class; NaN where there is none. */
  probability: Float64Array
  /** What was predicted, where that is a class or a number. Default: the probability. */
  prediction?: LakeColumn
  /** 1, 0, or NaN where no label has arrived. */
  label: Float64Array
  /** Feature values as the model got them. */
  features: LakeColumn[]
}

/** The drift reference of a model version: one profile per feature, and that of its scores. */
export interface Reference {
  columns: Record<string, ColumnProfile>
  prediction: ColumnProfile
}

export interface WindowResult {
  start: number
  end: number
  requests: number
  labelled: number
  /** Null while no label, or only one class, is known. */
  auc: number | null
  logLoss: number | null
  calibration: CalibrationSums
  /** Mean score, or predicted number, over all requests; null for classes. */
  meanPrediction: number | null
  modelVersions: string[]
  /** Features and scores counted into the cells of the reference; null without requests or reference. */
  profiles: Reference | null
}

/** Computes what a monitor says about one window by itself. Pure: equal rows give equal numbers. */
export function evaluateWindow(
  window: { start: number; end: number; modelVersions: string[] },
  rows: WindowRows,
  reference: Reference | null,
): WindowResult {
  const labelled: number[] = []
  for (let i = 0; i < rows.rows; i++) {
    if (!Number.isNaN(rows.label[i]) && !Number.isNaN(rows.probability[i])) labelled.push(i)
  }
  const labels = Uint8Array.from(labelled, (i) => rows.label[i])
  const scores = Float64Array.from(labelled, (i) => rows.probability[i])
  const calibration = sumCalibration(labels, scores)
  const predicted = predictionOf(rows)
  const bothClasses = calibration.observed > 0 && calibration.observed < labels.length
  return {
    ...window,
    requests: rows.rows,
    labelled: labels.length,
    auc: bothClasses ? rocAuc(labels, scores) : null,
    logLoss: labels.length > 0 ? logLoss(labels, scores) : null,
    calibration,
    meanPrediction: meanOf(predicted),
    profiles: reference && rows.rows > 0 ? profileLike(rows, reference) : null,
  }
}

function sumCalibration(labels: Uint8Array, scores: Float64Array): CalibrationSums {
  let [observed, expected, variance] = [0, 0, 0]
  for (let i = 0; i < labels.length; i++) {
    observed += labels[i]
    expected += scores[i]
    variance += scores[i] * (1 - scores[i])
  }
  return { labelled: labels.length, observed, expected, variance }
}

function predictionOf({ prediction, probability }: WindowRows): LakeColumn {
  return prediction ?? { name: 'prediction', kind: 'number', values: probability }
}

/** Null for classes, and for no rows. */
function meanOf(column: LakeColumn): number | null {
  if (column.kind === 'string' || column.values.length === 0) return null
  return column.values.reduce((sum, value) => sum + value, 0) / column.values.length
}

/** Counts features and scores into the cells of the reference. Columns that it does not know are left out. */
function profileLike(rows: WindowRows, reference: Reference): Reference {
  const columns = rows.features.flatMap((column): [string, ColumnProfile][] => {
    const like = reference.columns[column.name]
    return like ? [[column.name, profileOf(column, like)]] : []
  })
  const prediction = profileOf(predictionOf(rows), reference.prediction)
  return { columns: Object.fromEntries(columns), prediction }
}

/** Counts a column into the cells of its reference, so that the two can be compared. */
function profileOf(column: LakeColumn, like: ColumnProfile): ColumnProfile {
  if (like.kind === 'numeric') {
    const values =
      column.kind === 'string' ? new Float64Array(column.codes.length).fill(Number.NaN) : column.values
    return profileNumeric(values, like.edges)
  }
  const texts =
    column.kind === 'string'
      ? Array.from(column.codes, (code) => (code < 0 ? null : column.dictionary[code]))
      : Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value)))
  return profileCategorical(texts, like.categories)
}
