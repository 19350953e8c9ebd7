import type { Kernels } from './kernels/kernels.ts'

/** Sums over the rows of a node; gradients and hessians as the whole numbers of the histograms. */
export interface NodeSums {
  readonly gradient: number
  readonly hessian: number
  readonly rows: number
  /** Least and greatest output (-gradient / hessian) that monotone constraints above allow. */
  readonly low: number
  readonly high: number
}

/** What a split has to observe, in the units of the histograms. */
export interface SplitRules {
  readonly l2: number
  readonly minHessian: number
  readonly minRows: number
  /** The score has to grow by more than this. */
  readonly minGrowth: number
  /** Whether any column has a monotone constraint. */
  readonly bounded: boolean
  /** Categories of fewer rows stay on the right. */
  readonly minCategoryRows: number
  /** Added to the hessian of a category when categories are put in order. */
  readonly categorySmoothing: number
  /** Added to l2 for splits by category. */
  readonly categoryL2: number
}

/**
 * The best split found, as numbers in memory that threads share. `growth` is by how much the score grew (0: no
 * split), `cut` the last bin that goes left, or how many categories of their order do.
 */
export const splitFields = 8
export const growth = 0
export const cut = 1
export const missingGoesLeft = 2
export const leftGradient = 3
export const leftHessian = 4
export const leftRows = 5

/** The output of a node within its bounds. */
export const outputOf = (gradient: number, hessian: number, l2: number, { low, high }: NodeSums): number =>
  Math.min(high, Math.max(low, hessian + l2 > 0 ? -gradient / (hessian + l2) : 0))

/** Twice the decrease of the loss's quadratic approximation by this output (Chen & Guestrin 2016, eq. 4). */
const scoreOf = (gradient: number, hessian: number, output: number): number =>
  -output * (2 * gradient + hessian * output)

const boundedScore = (left: readonly number[], node: NodeSums, l2: number, direction: number): number => {
  const [gradient, hessian] = left
  const rest = [node.gradient - gradient, node.hessian - hessian]
  const leftOutput = outputOf(gradient, hessian, l2, node)
  const rightOutput = outputOf(rest[0], rest[1], l2, node)
  if (direction * (rightOutput - leftOutput) < 0) return -Infinity
  return scoreOf(gradient, hessian + l2, leftOutput) + scoreOf(rest[0], rest[1] + l2, rightOutput)
}

const ownScore = (node: NodeSums, { bounded, l2 }: SplitRules): number => {
  if (bounded)
    return scoreOf(node.gradient, node.hessian + l2, outputOf(node.gradient, node.hessian, l2, node))
  return (node.gradient * node.gradient) / (node.hessian + l2)
}

/** What a cut's score must be greater than, and the score of the node itself. */
const scoresOf = (node: NodeSums, rules: SplitRules): { own: number; least: number } => {
  const own = ownScore(node, rules)
  return { own, least: own + Math.max(rules.minGrowth, Math.abs(own) * 1e-10) }
}

/**
 * Finds the best cut of a column of numbers, with missing values on the right, then on the left: `growth`, `cut` and
 * `missingGoesLeft`. `first` is the index of its missing bin in `entries`. The score of a side is G² / (H + l2) (Chen &
 * Guestrin 2016, eq. 7); for `direction` 1 outputs must not fall from left to right, for -1 not rise. If `only` is not
 * 0, no other cut than behind that bin is tried.
 */
export const scanNumbers = (
  entries: Int32Array,
  first: number,
  bins: number,
  node: NodeSums,
  rules: SplitRules,
  direction: number,
  found: Float64Array,
  only = 0,
): void => {
  const { l2, minHessian, minRows, bounded } = rules
  const { gradient, hessian, rows } = node
  const { own, least } = scoresOf(node, rules)
  let best = least
  found[growth] = 0
  const rowsMissing = entries[first + 2]
  for (let missing = 0; missing <= (rowsMissing > 0 ? 1 : 0); missing += 1) {
    let g = missing * entries[first]
    let h = missing * entries[first + 1]
    let n = missing * rowsMissing
    for (let bin = 1; bin < bins; bin += 1) {
      const at = first + bin * 4
      const inBin = entries[at + 2]
      if (inBin === 0) continue
      g += entries[at]
      h += entries[at + 1]
      n += inBin
      if (rows - n < minRows || rows === n) break
      if (only !== 0 && bin !== only) continue
      if (n < minRows || h < minHessian || hessian - h < minHessian) continue
      const rest = gradient - g
      const score = bounded
        ? boundedScore([g, h], node, l2, direction)
        : (g * g) / (h + l2) + (rest * rest) / (hessian - h + l2)
      if (score <= best) continue
      best = score
      found[growth] = best - own
      found[cut] = bin
      found[missingGoesLeft] = missing
    }
  }
}

/** Makes {@link scanNumbers} for columns without bounds, by a kernel; `found` lies at an address, too. */
export const createNumberScanner =
  (kernels: Kernels, entries: Int32Array) =>
  (
    first: number,
    bins: number,
    node: NodeSums,
    rules: SplitRules,
    found: Float64Array,
    foundAddress: number,
  ): void => {
    const { own, least } = scoresOf(node, rules)
    // Sums are whole numbers.
    const minHessian = Math.min(2 ** 31 - 1, Math.ceil(rules.minHessian))
    const minRows = Math.max(1, rules.minRows)
    let best = least
    found[growth] = 0
    for (let missing = 0; missing <= (entries[first + 2] > 0 ? 1 : 0); missing += 1) {
      const bin = kernels.scan(
        first * 4,
        bins,
        missing,
        node.gradient,
        node.hessian,
        node.rows,
        minHessian,
        minRows,
        rules.l2,
        best,
        foundAddress,
      )
      if (bin === 0) continue
      best = found[growth]
      found[cut] = bin
      found[missingGoesLeft] = missing
    }
    if (best > least) found[growth] = best - own
  }

/** Adds what a cut of numbers sends left to its record. */
export const sumLeft = (entries: Int32Array, first: number, found: Float64Array): void => {
  found[leftGradient] = 0
  found[leftHessian] = 0
  found[leftRows] = 0
  for (let bin = found[missingGoesLeft] === 1 ? 0 : 1; bin <= found[cut]; bin += 1) {
    found[leftGradient] += entries[first + bin * 4]
    found[leftHessian] += entries[first + bin * 4 + 1]
    found[leftRows] += entries[first + bin * 4 + 2]
  }
}

/** Bins of categories in the order of their mean gradient. */
export interface CategoryOrder {
  readonly bins: Uint16Array
  readonly keys: Float64Array
}
export const createCategoryOrder = (bins: number): CategoryOrder => ({
  bins: new Uint16Array(bins),
  keys: new Float64Array(bins),
})

/** Shell sort by key, and by bin where keys are equal. */
export const sortByKey = ({ bins, keys }: CategoryOrder, count: number): void => {
  let gap = 1
  while (gap < count / 3) gap = gap * 3 + 1
  for (; gap > 0; gap = (gap - 1) / 3)
    for (let at = gap; at < count; at += 1) {
      const key = keys[at]
      const bin = bins[at]
      let to = at
      while (to >= gap && (keys[to - gap] > key || (keys[to - gap] === key && bins[to - gap] > bin))) {
        keys[to] = keys[to - gap]
        bins[to] = bins[to - gap]
        to -= gap
      }
      keys[to] = key
      bins[to] = bin
    }
}

/** Puts the categories that have enough rows in the node in order; returns how many there are. */
export const orderCategories = (
  entries: Int32Array,
  first: number,
  bins: number,
  { minCategoryRows, categorySmoothing }: SplitRules,
  order: CategoryOrder,
): number => {
  let count = 0
  for (let bin = 1; bin < bins; bin += 1) {
    const at = first + bin * 4
    if (entries[at + 2] === 0 || entries[at + 2] < minCategoryRows) continue
    order.bins[count] = bin
    const weight = entries[at + 1] + categorySmoothing
    order.keys[count] = weight > 0 ? entries[at] / weight : 0
    count += 1
  }
  sortByKey(order, count)
  return count
}

/**
 * Finds the best set of categories to go left: the best of two groups is a cut of their order by mean gradient
 * (Fisher 1958). Categories with few rows in the node go right, missing values to the better side.
 */
export const scanCategories = (
  entries: Int32Array,
  first: number,
  bins: number,
  node: NodeSums,
  rules: SplitRules,
  order: CategoryOrder,
  found: Float64Array,
): void => {
  const { minHessian, minRows, bounded } = rules
  const l2 = rules.l2 + rules.categoryL2
  const { gradient, hessian, rows } = node
  const count = orderCategories(entries, first, bins, rules, order)
  const { own, least } = scoresOf(node, rules)
  let best = least
  found[growth] = 0
  const rowsMissing = entries[first + 2]
  for (let missing = 0; missing <= (rowsMissing > 0 ? 1 : 0); missing += 1) {
    let g = missing * entries[first]
    let h = missing * entries[first + 1]
    let n = missing * rowsMissing
    for (let place = 0; place < count; place += 1) {
      const at = first + order.bins[place] * 4
      g += entries[at]
      h += entries[at + 1]
      n += entries[at + 2]
      if (rows - n < minRows || rows === n) break
      if (n < minRows || h < minHessian || hessian - h < minHessian) continue
      const rest = gradient - g
      const score = bounded
        ? boundedScore([g, h], node, l2, 0)
        : (g * g) / (h + l2) + (rest * rest) / (hessian - h + l2)
      if (score <= best) continue
      best = score
      found[growth] = best - own
      found[cut] = place + 1
      found[missingGoesLeft] = missing
      found[leftGradient] = g
      found[leftHessian] = h
      found[leftRows] = n
    }
  }
}
