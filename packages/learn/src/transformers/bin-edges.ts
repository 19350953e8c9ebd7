import { type CountedValues, countValues, type PresentValues } from './counted-values.ts'

export type BinStrategy = 'quantile' | 'uniform' | 'kmeans'

/** The averaged inverted distribution function (Hyndman & Fan 1996, definition 2), for ascending shares. */
const invertedQuantiles = ({ values, counts }: CountedValues, shares: readonly number[]): number[] => {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const last = values.length - 1
  let index = 0
  let upTo = counts[0]
  return shares.map((share) => {
    const wanted = share * total
    // A share such as 0.6 of ten rows is six rows, whatever its rounding.
    const near = Math.abs(wanted - Math.round(wanted)) <= 1e-9 * total ? Math.round(wanted) : wanted
    while (index < last && upTo < near) {
      index += 1
      upTo += counts[index]
    }
    return upTo === near && index < last ? (values[index] + values[index + 1]) / 2 : values[index]
  })
}

const evenly = (low: number, high: number, parts: number): number[] =>
  Array.from({ length: parts + 1 }, (_, part) =>
    part === parts ? high : low + (part * (high - low)) / parts,
  )

const nearestStarts = ({ values }: CountedValues, centers: readonly number[]): number[] => {
  let index = 0
  return centers.map((center, cluster) => {
    if (cluster === 0) return 0
    const border = (centers[cluster - 1] + center) / 2
    while (index < values.length && values[index] <= border) index += 1
    return index
  })
}

/** Lloyd's algorithm in one dimension, from the middles of bins of the same width; empty clusters stay where they are. */
const clusterCenters = (counted: CountedValues, bins: number): number[] => {
  const { values, counts } = counted
  const uniform = evenly(values[0], values[values.length - 1], bins)
  let centers = uniform.slice(1).map((edge, index) => (edge + uniform[index]) / 2)
  for (let iteration = 0; iteration < 300; iteration += 1) {
    const starts = nearestStarts(counted, centers)
    const moved = centers.map((center, cluster) => {
      let sum = 0
      let weight = 0
      for (let index = starts[cluster]; index < (starts[cluster + 1] ?? values.length); index += 1) {
        sum += values[index] * counts[index]
        weight += counts[index]
      }
      return weight === 0 ? center : sum / weight
    })
    const still = moved.every((center, cluster) => center === centers[cluster])
    centers = moved
    if (still) break
  }
  return centers.sort((a, b) => a - b)
}

const outerAndInner = (counted: CountedValues, bins: number, strategy: BinStrategy): number[] => {
  const { values } = counted
  const [low, high] = [values[0], values[values.length - 1]]
  if (strategy === 'uniform') return evenly(low, high, bins)
  if (strategy === 'quantile') return invertedQuantiles(counted, evenly(0, 1, bins))
  const centers = clusterCenters(counted, bins)
  return [low, ...centers.slice(1).map((center, index) => (center + centers[index]) / 2), high]
}

/** The least float32 that is not below x. */
const roundUp = (x: number): number => {
  const near = Math.fround(x)
  if (near >= x) return near
  const bits = new Int32Array(Float32Array.of(near === 0 ? 0 : near).buffer)
  bits[0] += near < 0 ? -1 : 1
  return new Float32Array(bits.buffer)[0]
}

/**
 * The edges between the bins. Bins that are not wider than 1e-8 are joined, so that there may be fewer; a constant
 * column has one bin. No float32 changes its side when an edge is rounded up to the next.
 */
export const findEdges = (present: PresentValues, bins: number, strategy: BinStrategy): number[] => {
  const counted = countValues(present)
  if (counted.values.length === 1) return []
  const edges = outerAndInner(counted, bins, strategy)
  const wide =
    strategy === 'uniform'
      ? edges
      : edges.filter((edge, index) => index === 0 || edge - edges[index - 1] > 1e-8)
  return [...new Set(wide.slice(1, -1).map(roundUp))]
}
