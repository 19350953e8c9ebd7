/**
 * A metric has no value on these rows: ROC AUC where only one class occurs, R² of one row. Whoever computes it for
 * many samples (slices, folds, bootstrap) can leave such a sample out without hiding wrong input.
 */
export class UndefinedMetricError extends RangeError {
  override readonly name = 'UndefinedMetricError'
}
