import { compareNumbers } from '../../compare.ts'
import { rankByDominance } from '../../dominance.ts'
import { isFinished, type Observation } from '../../history.ts'
import { type Losses, selectByHypervolume } from '../../hypervolume.ts'

/** The good trials and the others, each in the order of their numbers. */
export interface TrialSplit {
  readonly below: readonly Observation[]
  readonly above: readonly Observation[]
}

/** How many of n finished trials are good. */
const countBelow = (n: number, objectives: number): number =>
  objectives === 1 ? Math.min(Math.ceil(0.1 * n), 25) : Math.ceil(0.1 * n)

/** A point worse than all of them. */
const worstPoint = (points: Losses): Float64Array =>
  points[0].map((_, at) => {
    const worst = points.reduce((most, point) => Math.max(most, point[at]), -Infinity)
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12
  })

/** The trials of the first fronts; of the one that has not place for all, those of a large hypervolume together. */
export const selectByDominance = (trials: readonly Observation[], count: number): readonly Observation[] => {
  if (count === 0 || count >= trials.length) return trials.slice(0, count)
  const ranks = rankByDominance(trials.map(({ losses }) => losses))
  let selected: readonly Observation[] = []
  for (let rank = 0; selected.length < count; rank += 1) {
    const front = trials.filter((_, index) => ranks[index] === rank)
    const missing = count - selected.length
    const points = front.map(({ losses }) => losses)
    selected = [
      ...selected,
      ...(front.length <= missing
        ? front
        : selectByHypervolume(points, missing, worstPoint(points)).map((index) => front[index])),
    ]
  }
  return selected
}

/** Longest first, then by loss; those that reported nothing last. */
const comparePruned = ({ last: a }: Observation, { last: b }: Observation): number =>
  a && b ? compareNumbers(b.step, a.step) || compareNumbers(a.loss, b.loss) : Number(!a) - Number(!b)

/**
 * The best trials: complete feasible ones by their losses, then pruned ones, then infeasible ones by their violation. Running
 * trials are among the others, so that no two look at the same place.
 */
export const splitTrials = (observations: readonly Observation[], objectives: number): TrialSplit => {
  const finished = observations.filter(isFinished)
  const count = countBelow(finished.length, objectives)
  const feasible = finished.filter(({ violation }) => violation === 0)
  const complete = feasible.filter(({ state }) => state === 'complete')
  const first =
    objectives === 1
      ? complete.sort((a, b) => compareNumbers(a.losses[0], b.losses[0])).slice(0, count)
      : selectByDominance(complete, count)
  const pruned = feasible.filter(({ state }) => state === 'pruned').sort(comparePruned)
  const infeasible = finished
    .filter(({ violation }) => violation > 0)
    .sort((a, b) => compareNumbers(a.violation, b.violation))
  const best = new Set([...first, ...[...pruned, ...infeasible].slice(0, count - first.length)])
  return {
    below: observations.filter((trial) => best.has(trial)),
    above: observations.filter((trial) => !best.has(trial)),
  }
}
