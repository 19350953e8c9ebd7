import { type ClassScoreOptions, checkClassProbabilities } from './class-probabilities.ts'
import { sortedRocAuc } from './sorted-scores.ts'
import { UndefinedMetricError } from './undefined-metric.ts'
import { eachRow, type WeightedMetric } from './weighted-metric.ts'

export interface MulticlassRocAucOptions extends ClassScoreOptions {
  /**
   * 'ovr' (default): each class against all others. 'ovo': each class against each other, on their rows only (Hand &
   * Till 2001), which the shares of the classes do not sway.
   */
  readonly multiClass?: 'ovr' | 'ovo'
  /** Mean over the classes (pairs): plain (default) or weighted by their rows. */
  readonly average?: 'macro' | 'weighted'
}

/** A mean of AUCs, each with a weight. */
const averageOf = (parts: readonly { readonly value: number; readonly weight: number }[]): number =>
  parts.reduce((sum, { value, weight }) => sum + value * weight, 0) /
  parts.reduce((sum, { weight }) => sum + weight, 0)

/** The AUC of checked class codes and probabilities; see {@link multiclassRocAuc}. */
export const sortedMulticlassRocAuc = (
  codes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { classes, multiClass = 'ovr', average = 'macro' }: Omit<MulticlassRocAucOptions, 'weights'>,
): WeightedMetric => {
  const rows = codes.length
  const all = Array.from({ length: classes }, (_, code) => code)
  const aucOf = all.map((code) =>
    sortedRocAuc(
      Uint8Array.from({ length: rows }, (_, row) => (codes[row] === code ? 1 : 0)),
      eachRow(rows, (row) => probabilities[row * classes + code]),
    ),
  )
  return (weights) => {
    const sums = new Float64Array(classes)
    for (let row = 0; row < rows; row += 1) sums[codes[row]] += weights[row]
    const empty = sums.indexOf(0)
    if (classes < 2 || empty !== -1)
      throw new UndefinedMetricError(
        `ROC AUC of ${classes} classes needs rows of each; ${empty === -1 ? 'there is one class' : `class ${empty} has none`}`,
      )
    const weightOf = (...chosen: number[]): number =>
      average === 'macro' ? 1 : chosen.reduce((sum, code) => sum + sums[code], 0)
    if (multiClass === 'ovr')
      return averageOf(all.map((code) => ({ value: aucOf[code](weights), weight: weightOf(code) })))
    const ofPair = (a: number, b: number): number => {
      const both = eachRow(rows, (row) => (codes[row] === a || codes[row] === b ? weights[row] : 0))
      return (aucOf[a](both) + aucOf[b](both)) / 2
    }
    return averageOf(
      all.flatMap((a) => all.slice(a + 1).map((b) => ({ value: ofPair(a, b), weight: weightOf(a, b) }))),
    )
  }
}

/**
 * ROC AUC of more than two classes, as scikit-learn's `roc_auc_score` with `multi_class`. `probabilities` has
 * `classes` numbers for each row. Throws a RangeError for bad input, and an UndefinedMetricError if a class has no
 * rows or all of them.
 */
export const multiclassRocAuc = (
  codes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: MulticlassRocAucOptions,
): number => {
  const { weights } = checkClassProbabilities(codes, probabilities, options)
  return sortedMulticlassRocAuc(codes, probabilities, options)(weights)
}
