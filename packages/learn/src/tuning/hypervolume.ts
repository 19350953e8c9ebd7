import { compareNumbers } from './compare.ts'

/** Points of losses, all of the same number of objectives. */
export type Losses = readonly Float64Array[]

const boxVolume = (point: Float64Array, reference: Float64Array): number =>
  point.reduce((volume, loss, at) => volume * Math.max(0, reference[at] - loss), 1)

/** The area that points cover below `reference`, in the order of their first loss. */
const sweepArea = (points: Losses, reference: Float64Array): number => {
  let area = 0
  let height = reference[1]
  for (const [x, y] of points) {
    if (y >= height) continue
    area += (reference[0] - x) * (height - y)
    height = y
  }
  return area
}

const covers = (a: Float64Array, b: Float64Array): boolean => a.every((loss, at) => loss <= b[at])

/** What is left of points when those that another one covers are left out; of equal ones the first stays. */
const leaveUncovered = (points: Losses): Losses =>
  points.filter(
    (point, index) =>
      !points.some(
        (other, at) => at !== index && covers(other, point) && (at < index || !covers(point, other)),
      ),
  )

/**
 * The volume between losses (to be minimized) and a reference point that is worse than they are (While, Bradstreet & Barone
 * 2012, WFG); points that are not better than the reference in every objective add nothing.
 */
export const hypervolume = (points: Losses, reference: Float64Array): number => {
  const inside = points.filter((point) => point.every((loss, at) => loss < reference[at]))
  const size = reference.length
  if (inside.length === 0) return 0
  if (inside.length === 1) return boxVolume(inside[0], reference)
  if (size === 1) return reference[0] - inside.reduce((least, [loss]) => Math.min(least, loss), Infinity)
  const sorted = inside.sort((a, b) => compareNumbers(a[0], b[0]))
  if (size === 2) return sweepArea(sorted, reference)
  // What each point adds to those after it: its box without the parts of it that they cover.
  let volume = 0
  const rest = leaveUncovered(sorted)
  rest.forEach((point, index) => {
    const covered = rest.slice(index + 1).map((other) => other.map((loss, at) => Math.max(loss, point[at])))
    volume += boxVolume(point, reference) - hypervolume(leaveUncovered(covered), reference)
  })
  return volume
}

/**
 * Places of `count` points that together have a large hypervolume, one after the other the one that adds most (Guerreiro,
 * Fonseca & Paquete 2016); the first of equal ones. Points that are equal add nothing the second time.
 */
export const selectByHypervolume = (
  points: Losses,
  count: number,
  reference: Float64Array,
): readonly number[] => {
  if (!reference.every(Number.isFinite)) return points.slice(0, count).map((_, index) => index)
  // The volume that a point adds never grows while others are selected: old values are bounds.
  const bounds = Float64Array.from(points, (point) => boxVolume(point, reference))
  const selected: number[] = []
  let chosen: Float64Array[] = []
  let volume = 0
  while (selected.length < count) {
    const order = [...bounds.keys()]
      .filter((index) => !selected.includes(index))
      .sort((a, b) => compareNumbers(bounds[b], bounds[a]))
    let best = order[0]
    let most = -Infinity
    for (const index of order) {
      if (bounds[index] < most) break
      if (selected.length > 0) bounds[index] = hypervolume([...chosen, points[index]], reference) - volume
      if (bounds[index] > most || (bounds[index] === most && index < best)) {
        most = bounds[index]
        best = index
      }
    }
    selected.push(best)
    chosen = [...chosen, points[best]]
    volume = hypervolume(chosen, reference)
  }
  return selected
}
