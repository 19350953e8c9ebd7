import { flagOption, integerOption, makeSpec, type OptionRules, seedOption } from '../options.ts'
import { createRandom } from '../random.ts'
import { shuffle } from './shuffle.ts'
import { defineSplit, requireCodes, requireGroups, type SplitSpec, splitByFold } from './split.ts'

export interface GroupKFoldOptions {
  /** Default 5. */
  readonly nSplits?: number
  /** Whether groups are shuffled first, which decides among groups of equal size. Default false. */
  readonly shuffle?: boolean
  /** Default 0. */
  readonly seed?: number
}

const rules: OptionRules<Required<GroupKFoldOptions>> = {
  nSplits: integerOption(5, 2, 1_000_000),
  shuffle: flagOption(false),
  seed: seedOption,
}

const checkCount = (kind: string, nSplits: number, groups: number): void => {
  if (nSplits > groups) throw new RangeError(`${kind} cannot make ${nSplits} folds of ${groups} groups`)
}

const orderGroups = (count: number, { shuffle: isShuffled, seed }: Required<GroupKFoldOptions>): number[] => {
  const order = Array.from({ length: count }, (_, group) => group)
  return isShuffled ? shuffle(order, createRandom(seed)) : order
}

/**
 * k folds of whole groups, as scikit-learn's GroupKFold: from the largest group to the smallest, each goes to the
 * fold with the fewest rows. Throws a RangeError for wrong options.
 */
export const groupKFold = (options: GroupKFoldOptions = {}): SplitSpec =>
  makeSpec('groupKFold', rules, options)

export const groupKFoldKind = defineSplit('groupKFold', rules, (given, options) => {
  const { codes, count } = requireGroups('groupKFold', given)
  checkCount('groupKFold', options.nSplits, count)
  const sizes = new Uint32Array(count)
  for (const group of codes) sizes[group] += 1
  const rowsOf = new Float64Array(options.nSplits)
  const foldOf = new Uint32Array(count)
  for (const group of orderGroups(count, options).sort((a, b) => sizes[b] - sizes[a])) {
    const fold = rowsOf.indexOf(Math.min(...rowsOf))
    foldOf[group] = fold
    rowsOf[fold] += sizes[group]
  }
  return splitByFold(
    codes.map((group) => foldOf[group]),
    options.nSplits,
  )
})

/**
 * k folds of whole groups with the classes in about the same shares, as scikit-learn's StratifiedGroupKFold: from the
 * group with the most uneven classes to the most even, each goes where the shares of the classes then vary least
 * between folds. Throws a RangeError for wrong options.
 */
export const stratifiedGroupKFold = (options: GroupKFoldOptions = {}): SplitSpec =>
  makeSpec('stratifiedGroupKFold', rules, options)

const spread = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

export const stratifiedGroupKFoldKind = defineSplit('stratifiedGroupKFold', rules, (given, options) => {
  const { nSplits } = options
  const classes = requireCodes('stratifiedGroupKFold', given)
  const { codes, count } = requireGroups('stratifiedGroupKFold', given)
  checkCount('stratifiedGroupKFold', nSplits, count)
  let classCount = 0
  for (let row = 0; row < given.rows; row += 1) classCount = Math.max(classCount, classes[row] + 1)
  const countsOf = Array.from({ length: count }, () => new Float64Array(classCount))
  const totals = new Float64Array(classCount)
  codes.forEach((group, row) => {
    countsOf[group][classes[row]] += 1
    totals[classes[row]] += 1
  })
  const folds = Array.from({ length: nSplits }, () => new Float64Array(classCount))
  const present = Array.from(totals.keys()).filter((code) => totals[code] > 0)
  /** How much the shares of the classes vary between folds with the group in this one. */
  const unevenness = (group: number, chosen: number): number =>
    present.reduce((sum, code) => {
      const shares = folds.map((counts, fold) => {
        const own = fold === chosen ? countsOf[group][code] : 0
        return (counts[code] + own) / totals[code]
      })
      return sum + spread(shares)
    }, 0) / present.length
  const spreads = countsOf.map((counts) => spread(present.map((code) => counts[code])))
  const foldOf = new Uint32Array(count)
  for (const group of orderGroups(count, options).sort((a, b) => spreads[b] - spreads[a])) {
    let best = 0
    let least = unevenness(group, 0)
    for (let fold = 1; fold < nSplits; fold += 1) {
      const value = unevenness(group, fold)
      const isTie = Math.abs(value - least) <= 1e-8 + 1e-5 * Math.abs(least)
      if (!(isTie ? sumOf(folds[fold]) < sumOf(folds[best]) : value < least)) continue
      best = fold
      least = value
    }
    foldOf[group] = best
    countsOf[group].forEach((own, code) => {
      folds[best][code] += own
    })
  }
  return splitByFold(
    codes.map((group) => foldOf[group]),
    nSplits,
  )
})
