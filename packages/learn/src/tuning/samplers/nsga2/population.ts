import type { Random } from '../../../random.ts'
import { compareNumbers } from '../../compare.ts'
import { dominates, rankByDominance } from '../../dominance.ts'
import type { Observation } from '../../history.ts'
import type { Losses } from '../../hypervolume.ts'

/** Feasible trials by dominance; after them the others by their violation (Deb et al. 2002, VI). */
export const rankTrials = (trials: readonly Observation[]): Int32Array => {
  const ranks = new Int32Array(trials.length)
  const feasible = [...trials.keys()].filter((index) => trials[index].violation === 0)
  const feasibleRanks = rankByDominance(feasible.map((index) => trials[index].losses))
  feasible.forEach((index, at) => {
    ranks[index] = feasibleRanks[at]
  })
  const first = feasibleRanks.reduce((most, rank) => Math.max(most, rank + 1), 0)
  const violations = [...new Set(trials.map(({ violation }) => violation))]
    .filter((violation) => violation > 0)
    .sort(compareNumbers)
  trials.forEach(({ violation }, index) => {
    if (violation > 0) ranks[index] = first + violations.indexOf(violation)
  })
  return ranks
}

/** How far the neighbours of each point are along the front, in shares of its width; Infinity at its ends. */
export const crowdingDistances = (points: Losses): Float64Array => {
  const distances = new Float64Array(points.length)
  const objectives = points[0]?.length ?? 0
  for (let at = 0; at < objectives; at += 1) {
    const order = [...points.keys()].sort((a, b) => compareNumbers(points[a][at], points[b][at]))
    const last = order.length - 1
    const width = points[order[last]][at] - points[order[0]][at]
    distances[order[0]] = Infinity
    distances[order[last]] = Infinity
    if (!(width > 0 && width < Infinity)) continue
    for (let place = 1; place < last; place += 1)
      distances[order[place]] += (points[order[place + 1]][at] - points[order[place - 1]][at]) / width
  }
  return distances
}

/** The best trials: by rank, and of the last rank that has a place those that are least crowded. */
export const selectElite = (trials: readonly Observation[], size: number): readonly Observation[] => {
  const ranks = rankTrials(trials)
  const elite: Observation[] = []
  for (let rank = 0; elite.length < size && elite.length < trials.length; rank += 1) {
    const front = trials.filter((_, index) => ranks[index] === rank)
    const distances = crowdingDistances(front.map(({ losses }) => losses))
    const order = [...front.keys()].sort((a, b) => compareNumbers(distances[b], distances[a]))
    elite.push(...order.slice(0, size - elite.length).map((index) => front[index]))
  }
  return elite
}

const beats = (a: Observation, b: Observation): boolean =>
  a.violation !== b.violation ? a.violation < b.violation : dominates(a.losses, b.losses)

/** The better one of two trials that are drawn; the second if neither is. */
export const drawParent = (random: Random, parents: readonly Observation[]): Observation => {
  const first = parents[random.below(parents.length)]
  const second = parents[random.below(parents.length)]
  return beats(first, second) ? first : second
}
