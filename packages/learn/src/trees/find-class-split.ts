import { type CategoryOrder, cut, growth, leftRows, missingGoesLeft, sortByKey } from './find-split.ts'

/** An entry of a histogram of classes, as int32: its rows, then the weight of each class. */
export interface ClassHistogram {
  readonly entries: Int32Array
  /** Index of the entry for missing values. */
  readonly first: number
  readonly bins: number
  readonly classes: number
}

export interface ClassNode {
  readonly rows: number
  readonly weights: Float64Array
}

export interface ClassRules {
  readonly minRows: number
  readonly minGrowth: number
  readonly entropy: boolean
}

/** Minus impurity times weight: Gini's sum of squares over the weight, or the sum of w ln(w / weight). */
const scoreOf = (weights: Float64Array, entropy: boolean): number => {
  let total = 0
  let score = 0
  for (const weight of weights) {
    total += weight
    score += entropy ? (weight > 0 ? weight * Math.log(weight) : 0) : weight * weight
  }
  if (total === 0) return 0
  return entropy ? score - total * Math.log(total) : score / total
}

/** The bins of a column of numbers, in their order; returns how many there are. */
export const orderNumbers = (bins: number, order: CategoryOrder): number => {
  for (let place = 0; place < bins - 1; place += 1) order.bins[place] = place + 1
  return bins - 1
}

/** The categories of a node by their share of its most frequent class; returns how many there are. */
export const orderByClass = (
  { entries, first, bins, classes }: ClassHistogram,
  node: ClassNode,
  order: CategoryOrder,
): number => {
  const frequent = node.weights.indexOf(Math.max(...node.weights))
  let count = 0
  for (let bin = 1; bin < bins; bin += 1) {
    const at = first + bin * (classes + 1)
    if (entries[at] === 0) continue
    let total = 0
    for (let code = 0; code < classes; code += 1) total += entries[at + 1 + code]
    order.bins[count] = bin
    order.keys[count] = total > 0 ? entries[at + 1 + frequent] / total : 0
    count += 1
  }
  sortByKey(order, count)
  return count
}

/**
 * Finds the best cut of `count` bins in an order, with missing values on either side. `only`: the one bin behind which
 * a cut is tried, 0 for all. For `found` see `splitFields`; `cut` is how many bins of the order go left.
 */
export const scanClasses = (
  { entries, first, classes }: ClassHistogram,
  { order, count, only }: { readonly order: CategoryOrder; readonly count: number; readonly only: number },
  node: ClassNode,
  { minRows, minGrowth, entropy }: ClassRules,
  found: Float64Array,
): void => {
  const own = scoreOf(node.weights, entropy)
  let best = own + Math.max(minGrowth, Math.abs(own) * 1e-10)
  const left = new Float64Array(classes)
  const right = new Float64Array(classes)
  found[growth] = 0
  for (let missing = 0; missing <= (entries[first] > 0 ? 1 : 0); missing += 1) {
    let rows = missing * entries[first]
    for (let code = 0; code < classes; code += 1) {
      left[code] = missing * entries[first + 1 + code]
      right[code] = node.weights[code] - left[code]
    }
    for (let place = 0; place < count; place += 1) {
      const bin = order.bins[place]
      const at = first + bin * (classes + 1)
      if (entries[at] === 0) continue
      rows += entries[at]
      for (let code = 0; code < classes; code += 1) {
        left[code] += entries[at + 1 + code]
        right[code] -= entries[at + 1 + code]
      }
      if (rows === node.rows || node.rows - rows < minRows) break
      if (rows < minRows || (only !== 0 && bin !== only)) continue
      const score = scoreOf(left, entropy) + scoreOf(right, entropy)
      if (score <= best) continue
      best = score
      found[growth] = best - own
      found[cut] = place + 1
      found[missingGoesLeft] = missing
      found[leftRows] = rows
    }
  }
}
