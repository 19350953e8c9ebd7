import { checkInteger } from '../check-integer.ts'
import { resolveMetricWeights } from './metric-weights.ts'
import { checkQueryWeights, type TieBlock, toRankings } from './rankings.ts'
import { UndefinedMetricError } from './undefined-metric.ts'
import type { WeightedMetric } from './weighted-metric.ts'

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

/** How a metric of the rows of one query comes from its options. */
type Prepare<O> = (options: O) => QueryMetric

const valueQueries = <O extends RankingOptions>(
  prepare: Prepare<O>,
  rankings: ReturnType<typeof toRankings>,
  options: O,
): WeightedMetric => {
  const limit = options.k === undefined ? Infinity : checkInteger('k', options.k, [1, 2 ** 31])
  const metric = prepare(options)
  const queries = rankings.flatMap(({ members: [row], blocks }) => {
    const hasRelevant = blocks.some(({ relevant }) => relevant > 0)
    if (!hasRelevant && options.noRelevant === 'skip') return []
    return [{ row, value: hasRelevant ? metric(blocks, limit) : 0 }]
  })
  return (weights) => {
    let sum = 0
    let total = 0
    for (const { row, value } of queries) {
      sum += weights[row] * value
      total += weights[row]
    }
    if (total === 0) throw new UndefinedMetricError('no query has relevant rows')
    return sum / total
  }
}

/** A ranking metric of rows as they come, and of rows whose weights come later (the same within a query). */
interface RankingMetric<O extends RankingOptions = RankingOptions> {
  (relevance: ArrayLike<number>, scores: ArrayLike<number>, options?: O): number
  readonly weighted: (relevance: ArrayLike<number>, scores: ArrayLike<number>, options: O) => WeightedMetric
}

const meanOverQueries = <O extends RankingOptions>(prepare: Prepare<O>): RankingMetric<O> => {
  const compute = (relevance: ArrayLike<number>, scores: ArrayLike<number>, options: O = {} as O): number => {
    const rankings = toRankings(relevance, scores, options)
    const weights = resolveMetricWeights(options.weights, relevance.length)
    checkQueryWeights(rankings, weights)
    return valueQueries(prepare, rankings, options)(weights)
  }
  const weighted = (relevance: ArrayLike<number>, scores: ArrayLike<number>, options: O) =>
    valueQueries(prepare, toRankings(relevance, scores, options), options)
  return Object.assign(compute, { weighted })
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
export const ndcg: RankingMetric<NdcgOptions> = meanOverQueries(({ gain = 'linear' }) => {
  const worth = (value: number): number => (gain === 'linear' ? value : 2 ** value - 1)
  return (blocks, limit) => {
    const gains = blocks.map(({ relevances, rows }) => ({
      rows,
      gain: relevances.reduce((sum, value) => sum + worth(value), 0),
    }))
    const ideal = blocks
      .flatMap(({ relevances }) => Array.from(relevances, worth))
      .sort((a, b) => b - a)
      .map((value) => ({ rows: 1, gain: value }))
    return discountedGain(gains, limit) / discountedGain(ideal, limit)
  }
})

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
export const precisionAtK: RankingMetric = meanOverQueries(
  () => (blocks, limit) =>
    hitsWithin(blocks, limit) /
    (limit === Infinity ? blocks.reduce((sum, { rows }) => sum + rows, 0) : limit),
)

/** Share of a query's relevant rows that are among the first k. As {@link precisionAtK} otherwise. */
export const recallAtK: RankingMetric = meanOverQueries(
  () => (blocks, limit) => hitsWithin(blocks, limit) / countRelevant(blocks),
)

/**
 * Mean average precision: of each query, the precision at the rank of each relevant row among the first k, summed,
 * over min(k, relevant rows). Mean over the queries and over the orders of ties. Throws as {@link ndcg}.
 */
export const meanAveragePrecision: RankingMetric = meanOverQueries(() => (blocks, limit) => {
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
})

/**
 * Mean reciprocal rank: 1 / rank of the first relevant row, 0 if it is not among the first k. Mean over the queries
 * and over the orders of ties. Throws as {@link ndcg}.
 */
export const meanReciprocalRank: RankingMetric = meanOverQueries(() => (blocks, limit) => {
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
})
