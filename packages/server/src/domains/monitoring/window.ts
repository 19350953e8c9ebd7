import { logLoss, rocAuc } from '@millrace/learn'
import type { MonitorDefinition } from '@millrace/protocol'
import {
  type CalibrationSums,
  type ColumnDrift,
  type ColumnProfile,
  countRows,
  detectDrift,
  profileCategorical,
  profileNumeric,
} from '@millrace/stats'
import type { LakeColumn } from '../../ports/lake.ts'

/** What was predicted for requests whose event time lies in a window, with the labels known so far. */
export interface WindowRows {
  rows: number
  /** Predicted probability of the positive class. */
  probability: Float64Array
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
  /** Mean score over all requests. */
  meanPrediction: number | null
  modelVersions: string[]
  /** Every tested column and the score itself (`prediction`), the strongest effect first. */
  drift: ColumnDrift[]
}

/** The name under which the distribution of scores is tested beside the features. */
const predictionColumn = 'prediction'

/** Computes everything that a monitor says about one window. Pure: equal rows give equal numbers. */
export function evaluateWindow(
  window: { start: number; end: number; modelVersions: string[] },
  rows: WindowRows,
  options: { reference: Reference | null; drift: MonitorDefinition['drift'] },
): WindowResult {
  const labelled: number[] = []
  for (let i = 0; i < rows.rows; i++) if (!Number.isNaN(rows.label[i])) labelled.push(i)
  const labels = Uint8Array.from(labelled, (i) => rows.label[i])
  const scores = Float64Array.from(labelled, (i) => rows.probability[i])
  const calibration = sumCalibration(labels, scores)
  const bothClasses = calibration.observed > 0 && calibration.observed < labels.length
  return {
    ...window,
    requests: rows.rows,
    labelled: labels.length,
    auc: bothClasses ? rocAuc(labels, scores) : null,
    logLoss: labels.length > 0 ? logLoss(labels, scores) : null,
    calibration,
    meanPrediction: rows.rows > 0 ? rows.probability.reduce((sum, p) => sum + p, 0) / rows.rows : null,
    drift: options.reference ? testDrift(rows, options.reference, options.drift) : [],
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

function testDrift(
  rows: WindowRows,
  reference: Reference,
  options: MonitorDefinition['drift'],
): ColumnDrift[] {
  const columns = rows.features.flatMap((column) => {
    const profile = reference.columns[column.name]
    return profile ? [{ name: column.name, reference: profile, current: profileOf(column, profile) }] : []
  })
  columns.push({
    name: predictionColumn,
    reference: reference.prediction,
    current: profileOf(
      { name: predictionColumn, kind: 'number', values: rows.probability },
      reference.prediction,
    ),
  })
  const usable = columns.filter((column) => countRows(column.current) > 0)
  return detectDrift(usable, options).sort((a, b) => b.effect - a.effect)
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
