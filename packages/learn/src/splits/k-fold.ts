import { flagOption, integerOption, makeSpec, type OptionRules, seedOption } from '../options.ts'
import { createRandom } from '../random.ts'
import { countUp, shuffle } from './shuffle.ts'
import { defineSplit, requireCodes, type Split, type SplitSpec, splitByFold } from './split.ts'

export interface KFoldOptions {
  /** Default 5. */
  readonly nSplits?: number
  /** Whether rows are shuffled first. Default false: folds are runs of rows as they come. */
  readonly shuffle?: boolean
  /** Default 0. */
  readonly seed?: number
  /** How many times, each with another shuffle (scikit-learn's RepeatedKFold). Default 1; more need `shuffle`. */
  readonly nRepeats?: number
}

const rules: OptionRules<Required<KFoldOptions>> = {
  nSplits: integerOption(5, 2, 1_000_000),
  shuffle: flagOption(false),
  seed: seedOption,
  nRepeats: integerOption(1, 1, 10_000),
}

const repeat = (
  { nRepeats, shuffle: isShuffled }: Required<KFoldOptions>,
  make: (repetition: number) => Split[],
): Split[] => {
  if (nRepeats > 1 && !isShuffled)
    throw new RangeError('nRepeats > 1 needs shuffle: the folds would be the same')
  return Array.from({ length: nRepeats }, (_, repetition) => make(repetition)).flat()
}

/** k folds of (almost) equal size, as scikit-learn's KFold. Throws a RangeError for wrong options. */
export const kFold = (options: KFoldOptions = {}): SplitSpec => makeSpec('kFold', rules, options)

export const kFoldKind = defineSplit('kFold', rules, ({ rows }, options) => {
  const { nSplits, seed } = options
  if (nSplits > rows) throw new RangeError(`kFold cannot make ${nSplits} folds of ${rows} rows`)
  return repeat(options, (repetition) => {
    const order = countUp(rows)
    if (options.shuffle) shuffle(order, createRandom(seed, repetition))
    const folds = new Uint32Array(rows)
    const larger = rows % nSplits
    const size = Math.floor(rows / nSplits)
    order.forEach((row, place) => {
      const inLarger = Math.floor(place / (size + 1))
      folds[row] = inLarger < larger ? inLarger : larger + Math.floor((place - larger * (size + 1)) / size)
    })
    return splitByFold(folds, nSplits)
  })
})

/** k folds with the classes in the same shares, as scikit-learn's StratifiedKFold. Throws a RangeError for wrong options. */
export const stratifiedKFold = (options: KFoldOptions = {}): SplitSpec =>
  makeSpec('stratifiedKFold', rules, options)

/** The rows of each class, classes in order of first appearance. */
const rowsByClass = (codes: ArrayLike<number>): number[][] => {
  const found = new Map<number, number[]>()
  for (let row = 0; row < codes.length; row += 1) {
    const members = found.get(codes[row])
    if (members) members.push(row)
    else found.set(codes[row], [row])
  }
  return [...found.values()]
}

export const stratifiedKFoldKind = defineSplit('stratifiedKFold', rules, (given, options) => {
  const { nSplits, seed } = options
  const classes = rowsByClass(requireCodes('stratifiedKFold', given))
  const most = Math.max(0, ...classes.map((members) => members.length))
  if (nSplits > most)
    throw new RangeError(`stratifiedKFold cannot make ${nSplits} folds; no class has more than ${most} rows`)
  return repeat(options, (repetition) => {
    const random = createRandom(seed, repetition)
    const folds = new Uint32Array(given.rows)
    let begin = 0
    for (const members of classes) {
      // With the rows sorted by class, each fold takes every k-th of them: so many of this class.
      const shares = new Uint32Array(nSplits)
      for (let place = begin; place < begin + members.length; place += 1) shares[place % nSplits] += 1
      begin += members.length
      const assigned = new Uint32Array(members.length)
      let next = 0
      shares.forEach((share, fold) => {
        assigned.fill(fold, next, next + share)
        next += share
      })
      if (options.shuffle) shuffle(assigned, random)
      members.forEach((row, index) => {
        folds[row] = assigned[index]
      })
    }
    return splitByFold(folds, nSplits)
  })
})
