import { checkInteger } from '../check-integer.ts'
import { type TieBlock, toRankings } from './rankings.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

export interface RankingOptions {
  /** Which query (user, list) each row belongs to; rows of one query are ranked together. Default: all one query. */
  readonly queries?: ArrayLike<string | number>
  /** Only the first k ranks count. Default: all. */
  readonly k?: number
  /** Finite, >= 0, one for each row, the same within a query: the weight of the query. Default: 1 each. */
  readonly weights?: ArrayLike<number>
  /** What a query without relevant rows counts: 0 (default, as in scikit-learn and Spark), or not at all. */
  readonly noRelevant?: 0 | 'skip'
}

export interface NdcgOptions extends RankingOptions {
  /** What a relevance is worth: itself (default, as in scikit-learn) or 2^relevance − 1 (Burges 2005). */
  readonly gain?: 'linear' | 'exponential'
}

/** Blocks of rows of equal score, best first, as one query has them. */
type QueryMetric = (blocks: readonly TieBlock[], limit: number) => number

const meanOverQueries = (
  relevance: ArrayLike<number>,
  scores: ArrayLike<number>,
  { metric, ...options }: RankingOptions & { readonly metric: QueryMetric },
): number => {
  const limit = options.k === undefined ? Infinity : checkInteger('k', options.k, [1, 2 ** 31])
  let sum = 0
  let total = 0
  for (const { blocks, weight } of toRankings(relevance, scores, options)) {
    const hasRelevant = blocks.some(({ relevant }) => relevant > 0)
    if (!hasRelevant && options.noRelevant === 'skip') continue
    sum += weight * (hasRelevant ? metric(blocks, limit) : 0)
    total += weight
  }
  if (total === 0) throw new UndefinedMetricError('no query has relevant rows')
  return sum / total
}

/** Σ gain / log2(rank + 1) down to rank `limit`; each row of a block has the mean gain of the block. */
const discountedGain = (
  blocks: readonly { readonly gain: number; readonly rows: number }[],
  limit: number,
): number => {
  let sum = 0
  let rank = 0
  for (const { gain, rows } of blocks)
    for (let place = 0; place < rows && rank < limit; place += 1) {
      rank += 1
      sum += gain / rows / Math.log2(rank + 1)
    }
  return sum
}

/**
 * Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002), mean over the queries. Rows of equal score
 * share their ranks: the result is the mean over all their orders (McSherry & Najork 2008), as scikit-learn's
 * `ndcg_score`. Throws a RangeError for relevances below 0 or not finite, NaN scores, and weights that are none.
 */
export const ndcg = (
  relevance: ArrayLike<number>,
  scores: ArrayLike<number>,
  { gain = 'linear', ...options }: NdcgOptions = {},
): number => {
  const worth = (value: number): number => (gain === 'linear' ? value : 2 ** value - 1)
  return meanOverQueries(relevance, scores, {
    ...options,
    metric(blocks, limit) {
      const gains = blocks.map(({ relevances, rows }) => ({
        rows,
        gain: relevances.reduce((sum, value) => sum + worth(value), 0),
      }))
      const ideal = blocks
        .flatMap(({ relevances }) => Array.from(relevances, worth))
        .sort((a, b) => b - a)
        .map((value) => ({ rows: 1, gain: value }))
      return discountedGain(gains, limit) / discountedGain(ideal, limit)
    },
  })
}

const hitsWithin = (blocks: readonly TieBlock[], limit: number): number => {
  let hits = 0
  let rank = 0
  for (const { relevant, rows } of blocks) {
    hits += (relevant / rows) * Math.max(0, Math.min(rows, limit - rank))
    rank += rows
  }
  return hits
}

const countRelevant = (blocks: readonly TieBlock[]): number =>
  blocks.reduce((sum, { relevant }) => sum + relevant, 0)

/**
 * Relevant rows (relevance > 0) among the first k, over k (also where a query has fewer rows); without k over all
 * rows. Mean over the queries and over the orders of ties. Throws as {@link ndcg}.
 */
export const precisionAtK = (
  relevance: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: RankingOptions = {},
): number =>
  meanOverQueries(relevance, scores, {
    ...options,
    metric: (blocks, limit) =>
      hitsWithin(blocks, limit) /
      (limit === Infinity ? blocks.reduce((sum, { rows }) => sum + rows, 0) : limit),
  })

/** Share of a query's relevant rows that are among the first k. As {@link precisionAtK} otherwise. */
export const recallAtK = (
  relevance: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: RankingOptions = {},
): number =>
  meanOverQueries(relevance, scores, {
    ...options,
    metric: (blocks, limit) => hitsWithin(blocks, limit) / countRelevant(blocks),
  })

/**
 * Mean average precision: of each query, the precision at the rank of each relevant row among the first k, summed,
 * over min(k, relevant rows). Mean over the queries and over the orders of ties. Throws as {@link ndcg}.
 */
export const meanAveragePrecision = (
  relevance: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: RankingOptions = {},
): number =>
  meanOverQueries(relevance, scores, {
    ...options,
    metric(blocks, limit) {
      let sum = 0
      let rank = 0
      let found = 0
      for (const { relevant, rows } of blocks) {
        for (let place = 0; place < rows && rank < limit; place += 1) {
          rank += 1
          // If the row at this place is relevant, each earlier place of the block is, too, with this chance.
          const others = rows === 1 ? 0 : (relevant - 1) / (rows - 1)
          sum += ((relevant / rows) * (found + 1 + place * others)) / rank
        }
        found += relevant
      }
      return sum / Math.min(limit, countRelevant(blocks))
    },
  })

/**
 * Mean reciprocal rank: 1 / rank of the first relevant row, 0 if it is not among the first k. Mean over the queries
 * and over the orders of ties. Throws as {@link ndcg}.
 */
export const meanReciprocalRank = (
  relevance: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: RankingOptions = {},
): number =>
  meanOverQueries(relevance, scores, {
    ...options,
    metric(blocks, limit) {
      let rank = 0
      for (const { relevant, rows } of blocks) {
        if (relevant === 0) {
          rank += rows
          continue
        }
        let sum = 0
        // The chance that the first relevant row of the block is at this place.
        let chance = relevant / rows
        for (let place = 0; place <= rows - relevant && rank + place < limit; place += 1) {
          sum += chance / (rank + place + 1)
          chance *= (rows - place - relevant) / (rows - place - 1)
        }
        return sum
      }
      return 0
    },
  })
