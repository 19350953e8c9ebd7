import { type KdTree, visitNear } from './k-d-tree.ts'

export type Metric = 'euclidean' | 'manhattan' | 'cosine'

/** The nearest points of a query, by distance, then by rank. */
export interface Neighbors {
  readonly count: number
  readonly places: readonly number[]
  readonly distances: readonly number[]
  /** How much of each counts; together k. */
  readonly masses: number[]
}

const square = (difference: number): number => difference * difference

const squaredDistance = (points: Float64Array, start: number, query: Float64Array): number => {
  let sum = 0
  for (let column = 0; column < query.length; column += 1) {
    const difference = points[start + column] - query[column]
    sum += difference * difference
  }
  return sum
}

const absoluteDistance = (points: Float64Array, start: number, query: Float64Array): number => {
  let sum = 0
  for (let column = 0; column < query.length; column += 1)
    sum += Math.abs(points[start + column] - query[column])
  return sum
}

/**
 * A search that is exact and keeps its memory between queries: what it returns holds until the next one. The k
 * nearest are counted by weight: a point of weight 2 is two points at one place.
 */
export const createNeighborSearch = (
  tree: KdTree,
  weights: Float64Array,
  metric: Metric,
  k: number,
): ((query: Float64Array) => Neighbors) => {
  const { points, ranks, width } = tree
  // They grow: with weights below 1 there may be more neighbours than k.
  const places: number[] = []
  const distances: number[] = []
  const masses: number[] = []
  const measure = metric === 'manhattan' ? absoluteDistance : squaredDistance
  const gap = metric === 'manhattan' ? Math.abs : square
  let count = 0
  let total = 0

  const reach = (): number => (total >= k ? distances[count - 1] : Infinity)
  const insert = (place: number, distance: number): void => {
    let at = count
    while (
      at > 0 &&
      (distances[at - 1] > distance ||
        (distances[at - 1] === distance && ranks[places[at - 1]] > ranks[place]))
    ) {
      places[at] = places[at - 1]
      distances[at] = distances[at - 1]
      at -= 1
    }
    places[at] = place
    distances[at] = distance
    count += 1
    total += weights[place]
    while (total - weights[places[count - 1]] >= k) {
      count -= 1
      total -= weights[places[count]]
    }
  }
  const visit = (begin: number, end: number, query: Float64Array): void => {
    for (let place = begin; place < end; place += 1) {
      const distance = measure(points, place * width, query)
      if (distance <= reach()) insert(place, distance)
    }
  }

  return (query) => {
    count = 0
    total = 0
    visitNear(tree, query, gap, reach, (begin, end) => visit(begin, end, query))
    let left = k
    for (let at = 0; at < count; at += 1) {
      masses[at] = Math.min(left, weights[places[at]])
      left -= masses[at]
      if (metric === 'euclidean') distances[at] = Math.sqrt(distances[at])
      // Points of length 1: ‖a - b‖² = 2 - 2 cos.
      else if (metric === 'cosine') distances[at] /= 2
    }
    return { count, places, distances, masses }
  }
}
