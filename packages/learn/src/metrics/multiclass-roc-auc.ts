import { type ClassScoreOptions, checkClassProbabilities } from './class-probabilities.ts'
import { rocAuc } from './roc-auc.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

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
  const { rows, weights } = checkClassProbabilities(codes, probabilities, options)
  const { classes, multiClass = 'ovr', average = 'macro' } = options
  const sums = new Float64Array(classes)
  for (let row = 0; row < rows; row += 1) sums[codes[row]] += weights[row]
  const empty = sums.indexOf(0)
  if (classes < 2 || empty !== -1)
    throw new UndefinedMetricError(
      `ROC AUC of ${classes} classes needs rows of each; ${empty === -1 ? 'there is one class' : `class ${empty} has none`}`,
    )
  const weightOf = (...chosen: number[]): number =>
    average === 'macro' ? 1 : chosen.reduce((sum, code) => sum + sums[code], 0)
  /** AUC of the probabilities of `code`, on all rows or on those of two classes. */
  const aucOf = (code: number, other?: number): number => {
    const labels = new Uint8Array(rows)
    const scores = new Float64Array(rows)
    const counted = new Float64Array(rows)
    for (let row = 0; row < rows; row += 1) {
      labels[row] = codes[row] === code ? 1 : 0
      scores[row] = probabilities[row * classes + code]
      counted[row] = other === undefined || labels[row] === 1 || codes[row] === other ? weights[row] : 0
    }
    return rocAuc(labels, scores, { weights: counted })
  }
  const all = Array.from(sums.keys())
  if (multiClass === 'ovr')
    return averageOf(all.map((code) => ({ value: aucOf(code), weight: weightOf(code) })))
  return averageOf(
    all.flatMap((a) =>
      all
        .filter((b) => b > a)
        .map((b) => ({ value: (aucOf(a, b) + aucOf(b, a)) / 2, weight: weightOf(a, b) })),
    ),
  )
}
