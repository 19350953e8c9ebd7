import { describeInputs } from '../../align-frame.ts'
import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import {
  integerOption,
  makeSpec,
  numberOption,
  type OptionRule,
  type OptionRules,
  resolveOptions,
  seedOption,
  textOption,
} from '../../options.ts'
import { createRandom } from '../../random.ts'
import { readInteractions } from './interactions.ts'
import {
  type AlternatingLeastSquaresModel,
  categoriesOf,
  checkFactors,
  predictScores,
  scoresToOnnx,
} from './model.ts'
import { solveFactors } from './solve-factors.ts'

export interface AlternatingLeastSquaresOptions {
  /** The column of users, categorical. Default 'user'. */
  readonly user?: string
  /** The column of items, categorical. Default 'item'. */
  readonly item?: string
  /** How many numbers describe a user or an item. Default 100. */
  readonly factors?: number
  /** Strength of the penalty on squares of the factors, > 0. Default 0.01. */
  readonly regularization?: number
  /** How much a strength raises the confidence 1 + alpha × strength. Default 1. */
  readonly alpha?: number
  /** How often users and items are solved. Default 15. */
  readonly iterations?: number
  /** Steps of the conjugate gradient method in each; null = exact, which takes longer. Default 3. */
  readonly cgSteps?: number | null
  /** Of the first factors of the items. Default 0. */
  readonly seed?: number
}
export interface AlternatingLeastSquaresSpec extends LearnerSpec {
  readonly kind: 'alternatingLeastSquares'
}

const cgStepsOption: OptionRule<number | null> = (name, value) =>
  value === null ? null : integerOption(3, 1, 1_000_000)(name, value)

const rules: OptionRules<Required<AlternatingLeastSquaresOptions>> = {
  user: textOption('user'),
  item: textOption('item'),
  factors: integerOption(100, 1, 10_000),
  regularization: numberOption(0.01, { above: 0 }),
  alpha: numberOption(1, { min: 0 }),
  iterations: integerOption(15, 1, 1_000_000),
  cgSteps: cgStepsOption,
  seed: seedOption,
}

/**
 * Recommendations from what users did, not from what they said (Hu, Koren & Volinsky 2008, Collaborative Filtering
 * for Implicit Feedback Datasets): factors with the least Σ c (p - x·y)² + regularization (Σ ‖x‖² + Σ ‖y‖²) over
 * all users and items, where p is 1 if the user has to do with the item, else 0, and c = 1 + alpha × strength.
 * The target is the strength (a count, a duration), 1 if there is none; rows of the same user and item add up.
 * Parameters and defaults are those of the Python package implicit.
 *
 * `predict` gives the score x·y of a user and an item, 0 if one of them is unknown; `recommend` and `similarItems`
 * give the best items. Throws a RangeError for wrong options.
 */
export const alternatingLeastSquares = (
  options: AlternatingLeastSquaresOptions = {},
): AlternatingLeastSquaresSpec => makeSpec('alternatingLeastSquares', rules, options)

/**
 * Small random factors, uniform in ±0.5 / factors. They depend on an item's name and not on its code, which comes
 * from the order of the rows.
 */
const drawFactors = (names: readonly string[], factors: number, seed: number): Float64Array => {
  const drawn = new Float64Array(names.length * factors)
  const byName = Array.from(names.keys()).sort((a, b) => (names[a] < names[b] ? -1 : 1))
  const random = createRandom(seed)
  for (const code of byName)
    for (let factor = 0; factor < factors; factor += 1)
      drawn[code * factors + factor] = (random.uint32() / 2 ** 32 - 0.5) / factors
  return drawn
}

export const alternatingLeastSquaresKind: LearnerKind<
  AlternatingLeastSquaresModel,
  AlternatingLeastSquaresSpec
> = {
  kind: 'alternatingLeastSquares',
  fit(spec, data, { signal, onProgress }) {
    const resolved = resolveOptions('alternatingLeastSquares', rules, spec.options)
    const { user, item, factors, iterations, seed } = resolved
    const { byUser, byItem } = readInteractions(data, resolved)
    const described = {
      kind: 'alternatingLeastSquares',
      inputs: describeInputs(data.frame),
      output: { task: 'regression' },
    } as const
    let items = drawFactors(categoriesOf(described, item), factors, seed)
    // An item that nobody has to do with stays 0 from the start.
    for (let code = 0; code + 1 < byItem.offsets.length; code += 1)
      if (byItem.offsets[code] === byItem.offsets[code + 1])
        items.fill(0, code * factors, (code + 1) * factors)
    let users: Float64Array = new Float64Array((byUser.offsets.length - 1) * factors)
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      signal?.throwIfAborted()
      users = solveFactors(byUser, items, users, resolved)
      items = solveFactors(byItem, users, items, resolved)
      onProgress?.(iteration + 1, iterations)
    }
    return {
      ...described,
      user,
      item,
      factors,
      userFactors: Float32Array.from(users),
      itemFactors: Float32Array.from(items),
    }
  },
  predict: predictScores,
  check: checkFactors,
  toOnnx: scoresToOnnx,
}
