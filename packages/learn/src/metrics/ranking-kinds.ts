import { choiceOption, integerOption, type OptionRule } from '../options.ts'
import { acceptBinary } from './class-kinds.ts'
import { defineMetric, type EvaluationRows, type MetricKind } from './metric.ts'
import { meanAveragePrecision, meanReciprocalRank, ndcg, precisionAtK, recallAtK } from './ranking.ts'

/** Relevance and scores: the target and prediction of a regression, or the positive class of two. */
const acceptRanking = (kind: string, rows: EvaluationRows) => {
  const { weights, queries } = rows
  if (rows.task === 'regression') return { relevance: rows.actual, scores: rows.predicted, weights, queries }
  const { labels, probabilities } = acceptBinary(kind, rows)
  return { relevance: labels, scores: probabilities, weights, queries }
}

const rankingRules = {
  k: ((name, value) =>
    value === undefined ? undefined : integerOption(1, 1, 2 ** 31)(name, value)) satisfies OptionRule<
    number | undefined
  >,
  noRelevant: ((name, value = 0) => {
    if (value !== 0 && value !== 'skip')
      throw new RangeError(`${name} must be 0 or 'skip', not ${String(value)}`)
    return value
  }) satisfies OptionRule<0 | 'skip'>,
}

export const rankingKinds: readonly MetricKind[] = [
  defineMetric({
    kind: 'ndcg',
    direction: 'maximize',
    standardFor: ['ranking'],
    rules: {
      ...rankingRules,
      gain: choiceOption<'linear' | 'exponential'>('linear', ['linear', 'exponential']),
    },
    accept: acceptRanking,
    compute: ({ relevance, scores, ...rest }, options) => ndcg(relevance, scores, { ...options, ...rest }),
    prepare: ({ relevance, scores, queries }, options) =>
      ndcg.weighted(relevance, scores, { ...options, queries }),
  }),
  ...Object.entries({ meanAveragePrecision, meanReciprocalRank, precisionAtK, recallAtK }).map(
    ([kind, compute]) =>
      defineMetric({
        kind,
        direction: 'maximize',
        standardFor: kind.endsWith('AtK') ? [] : ['ranking'],
        rules: rankingRules,
        accept: acceptRanking,
        compute: ({ relevance, scores, ...rest }, options) =>
          compute(relevance, scores, { ...options, ...rest }),
        prepare: ({ relevance, scores, queries }, options) =>
          compute.weighted(relevance, scores, { ...options, queries }),
      }),
  ),
]
