import { compareNumbers } from '../compare.ts'
import { countValues, type Dimension } from '../dimension.ts'
import { type Observation, readHistory } from '../history.ts'
import type { SearchSpace } from '../parameter.ts'
import { selectByDominance } from '../samplers/tpe/split.ts'
import type { Direction, Trial } from '../trial.ts'
import { estimateOnGrid } from './grid-density.ts'

/** The share of the trials that count as good. */
const goodShare = 0.1

/** The best tenth, and those that are as good as the last of it. */
const selectGood = (trials: readonly Observation[]): readonly Observation[] => {
  const count = Math.ceil(goodShare * trials.length)
  if (trials[0].losses.length > 1) return selectByDominance(trials, count)
  const limit = trials.map(({ losses }) => losses[0]).sort(compareNumbers)[count - 1]
  return trials.filter(({ losses }) => losses[0] <= limit)
}

/** Σ (good / all − 1)² · all over the cells of a grid. */
const pearsonDivergence = (dimension: Dimension, good: readonly number[], all: readonly number[]): number => {
  const goodDensity = estimateOnGrid(dimension, good)
  return estimateOnGrid(dimension, all).reduce((sum, share, cell) => {
    const rest = share + 1e-12
    return sum + rest * ((goodDensity[cell] + 1e-12) / rest - 1) ** 2
  }, 0)
}

/**
 * How much each parameter matters for getting among the best tenth of the complete trials, as shares of 1, in the order of the
 * space: PED-ANOVA (Watanabe, Bansal & Hutter 2023) with the rules of Optuna 5: how far the values of the good trials are
 * distributed otherwise than those of all. Equal shares where nothing tells. Trials with infinite values are left out. Throws
 * a RangeError as {@link suggestParameters} does.
 */
export const parameterImportances = (
  space: SearchSpace,
  directions: readonly Direction[],
  trials: readonly Trial[],
): Readonly<Record<string, number>> => {
  const history = readHistory(space, directions, trials)
  const { dimensions, places } = history.space
  const all = history.observations.filter(
    ({ state, losses }) => state === 'complete' && losses.every(Number.isFinite),
  )
  const good = new Set(all.length > 1 ? selectGood(all) : [])
  const valuesAt = (own: readonly Observation[], index: number): readonly number[] =>
    own.map(({ point }) => point[index]).filter((value) => !Number.isNaN(value))
  const importances = dimensions.map((dimension, index) => {
    const values = valuesAt(all, index)
    const goodValues = valuesAt([...good], index)
    if (values.length < 2 || goodValues.length === 0 || countValues(dimension) === 1) return 0
    const weight = (goodValues.length / good.size) ** 2 / (values.length / all.length)
    return weight * pearsonDivergence(dimension, goodValues, values)
  })
  const total = importances.reduce((sum, importance) => sum + importance, 0)
  return Object.fromEntries(
    Object.keys(space).map((name) => [
      name,
      total > 0 ? importances[places.get(name) ?? 0] / total : 1 / dimensions.length,
    ]),
  )
}
