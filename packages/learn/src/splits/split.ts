import type { OptionRules } from '../options.ts'
import { resolveOptions } from '../options.ts'

/** Rows to learn from and rows to test on, both ascending; no row is in both. */
export interface Split {
  readonly train: Uint32Array
  readonly test: Uint32Array
}

/** How to split rows, as plain data; see `LearnerSpec`. */
export interface SplitSpec {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What splits are made by; which of it is needed depends on the kind. */
export interface SplitRows {
  readonly rows: number
  /** Class of each row, as a code 0 … */
  readonly codes?: ArrayLike<number>
  /** Rows of one group (customer, patient, session) are never on both sides. */
  readonly groups?: ArrayLike<string | number>
  /** Time of each row in milliseconds; rows need not be in this order. Default: the order of the rows. */
  readonly times?: ArrayLike<number>
}

/** One way to split. Every kind is listed once, in `make-splits.ts`. */
export interface SplitKind {
  readonly kind: string
  /** Throws a RangeError for options or rows that it cannot split, a TypeError if codes or groups are missing. */
  split(options: object, rows: SplitRows): Split[]
}

/** Binds the type of the options, so that the list of kinds need not know it. */
export const defineSplit = <O>(
  kind: string,
  rules: OptionRules<O>,
  split: (rows: SplitRows, options: O) => Split[],
): SplitKind => ({ kind, split: (options, rows) => split(rows, resolveOptions(kind, rules, options)) })

/** One split for each fold: it is the test, all others are for training. `folds` has the fold of each row. */
export const splitByFold = (folds: ArrayLike<number>, count: number): Split[] =>
  Array.from({ length: count }, (_, fold) => {
    let tested = 0
    for (let row = 0; row < folds.length; row += 1) if (folds[row] === fold) tested += 1
    const test = new Uint32Array(tested)
    const train = new Uint32Array(folds.length - tested)
    let next = 0
    for (let row = 0; row < folds.length; row += 1)
      if (folds[row] === fold) {
        test[next] = row
        next += 1
      } else train[row - next] = row
    return { train, test }
  })

export const requireCodes = (kind: string, { codes }: SplitRows): ArrayLike<number> => {
  if (!codes) throw new TypeError(`${kind} needs a target of classes`)
  return codes
}

/** Groups as codes 0 …, in order of first appearance. */
export const requireGroups = (
  kind: string,
  { groups }: SplitRows,
): { readonly codes: Uint32Array; readonly count: number } => {
  if (!groups) throw new TypeError(`${kind} needs groups: one for each row`)
  const codeOf = new Map<string | number, number>()
  const codes = Uint32Array.from(groups, (group) => {
    const known = codeOf.get(group)
    if (known !== undefined) return known
    codeOf.set(group, codeOf.size)
    return codeOf.size - 1
  })
  return { codes, count: codeOf.size }
}
