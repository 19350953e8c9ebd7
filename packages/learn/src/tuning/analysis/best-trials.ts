import { compareNumbers } from '../compare.ts'
import { rankByDominance } from '../dominance.ts'
import { readLosses, readSigns } from '../history.ts'
import { hypervolume } from '../hypervolume.ts'
import type { Direction, Trial } from '../trial.ts'

/** What is looked at of a trial. */
export type JudgedTrial = Pick<Trial, 'number' | 'state' | 'values' | 'constraints'>

/** Complete trials without a violated constraint, in the order of their numbers, with their losses. */
const listFeasible = (
  directions: readonly Direction[],
  trials: readonly JudgedTrial[],
): readonly { readonly number: number; readonly losses: Float64Array }[] => {
  const signs = readSigns(directions)
  return trials
    .filter(({ state, constraints = [] }) => state === 'complete' && constraints.every((value) => value <= 0))
    .sort((a, b) => a.number - b.number)
    .map((trial) => ({ number: trial.number, losses: readLosses(trial, signs) }))
}

/**
 * The numbers of the feasible trials that no other dominates, ascending: of one objective the best one, or several that are
 * equally good. Throws a RangeError for a direction or values that cannot be.
 */
export const paretoFront = (
  directions: readonly Direction[],
  trials: readonly JudgedTrial[],
): readonly number[] => {
  const feasible = listFeasible(directions, trials)
  const ranks = rankByDominance(feasible.map(({ losses }) => losses))
  return feasible.filter((_, index) => ranks[index] === 0).map(({ number }) => number)
}

/** How a study got better: the best feasible value of one objective after each trial that improved it. */
export const bestSoFar = (
  direction: Direction,
  trials: readonly JudgedTrial[],
): readonly { readonly number: number; readonly value: number }[] => {
  const [sign] = readSigns([direction])
  let best = Infinity
  return listFeasible([direction], trials).flatMap(({ number, losses }) => {
    if (compareNumbers(losses[0], best) >= 0) return []
    best = losses[0]
    return [{ number, value: sign * best }]
  })
}

/**
 * The volume between the feasible trials' values and a reference point that is worse; the more, the better the front. Throws a
 * RangeError if the point has not one finite value for each objective.
 */
export const studyHypervolume = (
  directions: readonly Direction[],
  trials: readonly JudgedTrial[],
  reference: readonly number[],
): number => {
  const signs = readSigns(directions)
  if (reference.length !== signs.length || !reference.every(Number.isFinite))
    throw new RangeError(
      `a reference point has a finite value for each of ${signs.length} objectives, not ${JSON.stringify(reference)}`,
    )
  return hypervolume(
    listFeasible(directions, trials).map(({ losses }) => losses),
    Float64Array.from(reference, (value, at) => signs[at] * value),
  )
}
