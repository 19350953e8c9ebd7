import type { TreeEnsemble } from '../trees/ensemble.ts'

export interface Objective {
  readonly task: 'classification' | 'regression'
  readonly link: TreeEnsemble['link']
  /** From `base_score`, which is in the units of the prediction, to what is added to the leaves. */
  readonly toMargin: (baseScore: number) => number
}

const identity = (score: number): number => score
const logit = (score: number): number => -Math.log(1 / score - 1)

const number: Objective = { task: 'regression', link: 'identity', toMargin: identity }
const positive: Objective = { task: 'regression', link: 'exp', toMargin: Math.log }
const classes: Objective = { task: 'classification', link: 'softmax', toMargin: identity }

/** XGBoost's objectives (https://xgboost.readthedocs.io/en/stable/parameter.html) that end in one of our links. */
export const objectives: ReadonlyMap<string, Objective> = new Map([
  ['binary:logistic', { task: 'classification', link: 'logistic', toMargin: logit }],
  ['binary:logitraw', number],
  ['reg:logistic', { task: 'regression', link: 'logistic', toMargin: logit }],
  ['multi:softprob', classes],
  ['multi:softmax', classes],
  ['reg:squarederror', number],
  ['reg:linear', number],
  ['reg:squaredlogerror', number],
  ['reg:pseudohubererror', number],
  ['reg:absoluteerror', number],
  ['reg:quantileerror', number],
  ['rank:pairwise', number],
  ['rank:ndcg', number],
  ['rank:map', number],
  ['count:poisson', positive],
  ['reg:gamma', positive],
  ['reg:tweedie', positive],
  ['survival:cox', positive],
  ['survival:aft', positive],
])
