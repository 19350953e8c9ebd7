import { checkInteger } from '../../check-integer.ts'
import type { Model } from '../../model.ts'
import { type AlternatingLeastSquaresModel, categoriesOf, multiplyFactors } from './model.ts'

export interface RecommendOptions {
  /** How many items, at most. Default 10. */
  readonly k?: number
  /** Items not to give: those that the user has already. Unknown ones are allowed. */
  readonly exclude?: Iterable<string>
}

export interface ScoredItem {
  readonly item: string
  readonly score: number
}

const isFactors = (model: Model): model is AlternatingLeastSquaresModel =>
  model.kind === 'alternatingLeastSquares'

const requireFactors = (model: Model): AlternatingLeastSquaresModel => {
  if (!isFactors(model))
    throw new TypeError(`only a model of kind 'alternatingLeastSquares' recommends, not '${model.kind}'`)
  return model
}

const requireCode = (categories: readonly string[], role: string, name: string): number => {
  const code = categories.indexOf(name)
  if (code === -1) throw new RangeError(`the model does not know the ${role} '${name}'`)
  return code
}

const isEmpty = (table: Float32Array, row: number, factors: number): boolean =>
  multiplyFactors(table, row, table, row, factors) === 0

const isBetter = (a: ScoredItem, b: ScoredItem): boolean =>
  a.score > b.score || (a.score === b.score && a.item < b.item)

/** Puts an item where it belongs among the best so far, which are in order. */
const insert = (best: ScoredItem[], found: ScoredItem, k: number): void => {
  if (best.length === k && !isBetter(found, best[k - 1])) return
  let at = best.length
  while (at > 0 && isBetter(found, best[at - 1])) at -= 1
  best.splice(at, 0, found)
  if (best.length > k) best.pop()
}

/** The k best, the first in order of names at ties; items that nobody has to do with are left out. */
const chooseBest = (
  model: AlternatingLeastSquaresModel,
  score: (item: number) => number,
  { k = 10, exclude = [] }: RecommendOptions,
): ScoredItem[] => {
  checkInteger('k', k, [1, 2 ** 31 - 1])
  const excluded = new Set(exclude)
  const best: ScoredItem[] = []
  categoriesOf(model, model.item).forEach((item, code) => {
    if (!excluded.has(item) && !isEmpty(model.itemFactors, code, model.factors))
      insert(best, { item, score: score(code) }, k)
  })
  return best
}

/**
 * The items with the highest scores for a user, the best first. Throws a RangeError for a user that the model does
 * not know, or knows without any interaction: nothing is known about his taste, and the caller has to choose (the
 * most popular items, say). Throws a TypeError for another model.
 */
export const recommend = (model: Model, user: string, options: RecommendOptions = {}): ScoredItem[] => {
  const als = requireFactors(model)
  const { userFactors, itemFactors, factors } = als
  const code = requireCode(categoriesOf(als, als.user), 'user', user)
  if (isEmpty(userFactors, code, factors))
    throw new RangeError(`the model has seen no interaction of the user '${user}'`)
  return chooseBest(als, (item) => multiplyFactors(userFactors, code, itemFactors, item, factors), options)
}

/**
 * The items whose factors point most nearly the same way, by the cosine of the angle, the nearest first, without
 * the item itself. Throws a RangeError for an item that the model does not know or has seen no interaction of, a
 * TypeError for another model.
 */
export const similarItems = (model: Model, item: string, options: RecommendOptions = {}): ScoredItem[] => {
  const als = requireFactors(model)
  const { itemFactors, factors } = als
  const code = requireCode(categoriesOf(als, als.item), 'item', item)
  if (isEmpty(itemFactors, code, factors))
    throw new RangeError(`the model has seen no interaction of the item '${item}'`)
  const length = (row: number): number =>
    Math.sqrt(multiplyFactors(itemFactors, row, itemFactors, row, factors))
  const own = length(code)
  return chooseBest(
    als,
    (other) => multiplyFactors(itemFactors, code, itemFactors, other, factors) / (own * length(other)),
    { ...options, exclude: [...(options.exclude ?? []), item] },
  )
}
