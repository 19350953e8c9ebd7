import { getLearnerKind } from './learners.ts'
import type { Model } from './model.ts'
import { exportWith } from './onnx/export-model.ts'

/**
 * The model as ONNX bytes, whatever comes before the learner included. One input for each of `model.inputs`, by its
 * name, [rows, 1]: numbers and booleans (0, 1) as float, NaN = missing; times as double, milliseconds since the epoch,
 * NaN = missing; categories as string, '' = missing, texts that the model does not know are allowed.
 *
 * Outputs by task: `label` [rows] and `probabilities` [rows, classes]; `prediction` [rows, 1]; for clusters
 * `prediction` int64 [rows] and `distances`; for anomalies `prediction` int64 [rows] (1 = outlier) and `scores`.
 *
 * Throws a RangeError for a kind that ONNX has no means for, naming it, and for a column whose name the graph needs.
 */
export const exportModel = (model: Model): Uint8Array => exportWith(getLearnerKind, model)
