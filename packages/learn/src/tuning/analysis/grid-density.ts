import { countValues, type Dimension } from '../dimension.ts'
import { logNormalMass } from '../normal-mass.ts'

const mostCells = 50
/** 0.5 / 1.64: nine tenths of a kernel are in its own cell. */
const leastDeviation = 0.5 / 1.64

/** The cells that the values of a dimension are counted in, evenly on its scale. */
const countCells = (dimension: Dimension): number => {
  const { low, high, step, log, choices } = dimension
  if (choices) return choices.length
  if (log && step > 0) return Math.min(Math.ceil(Math.log(high - low + 1) / Math.log(2)) + 1, mostCells)
  return Math.min(countValues(dimension), mostCells)
}

const findCell = ({ low, high, log, choices }: Dimension, cells: number, value: number): number => {
  if (choices) return value
  const [from, to, at] = log ? [Math.log(low), Math.log(high), Math.log(value)] : [low, high, value]
  const width = (to - from) / (cells - 1)
  return Math.min(cells - 1, Math.max(0, Math.ceil((at - from) / width - 0.5)))
}

/** The width of kernels around cells by Scott's rule (1992), from the narrower of the quartiles' and the standard deviation's. */
const scottDeviation = (places: readonly number[], counts: readonly number[]): number => {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const mean = places.reduce((sum, place, at) => sum + place * counts[at], 0) / total
  const squares = places.reduce((sum, place, at) => sum + (place - mean) ** 2 * counts[at], 0)
  let seen = 0
  const upTo = counts.map((count) => {
    seen += count
    return seen
  })
  const first = upTo.findIndex((count) => count >= Math.floor(total / 4))
  const third = upTo.findIndex((count) => count > Math.floor((total * 3) / 4))
  const range = (third === -1 ? places[places.length - 1] : places[third]) - places[first]
  const spread = Math.min(range / 1.34, Math.sqrt(squares / Math.max(1, total - 1)))
  return Math.max(leastDeviation, 1.059 * spread * total ** -0.2)
}

/** The share of each cell by a Parzen estimator of values, with a prior as heavy as one of them. There is at least one value. */
export const estimateOnGrid = (dimension: Dimension, values: readonly number[]): Float64Array => {
  const cells = countCells(dimension)
  const counted = new Float64Array(cells)
  for (const value of values) counted[findCell(dimension, cells, value)] += 1
  const places = [...counted.keys()].filter((cell) => counted[cell] > 0)
  const counts = places.map((cell) => counted[cell])
  const total = values.length + 1
  const shares = new Float64Array(cells)
  if (dimension.choices) {
    const other = 1 / (places.length + 1)
    const row = 1 + cells * other
    for (let cell = 0; cell < cells; cell += 1) {
      const own = (counted[cell] * (1 + other) + (values.length - counted[cell]) * other) / row
      shares[cell] = (own + 1 / cells) / total
    }
    return shares
  }
  const deviation = scottDeviation(places, counts)
  const kernels = [
    ...places.map((mean, at) => ({ mean, deviation, weight: counts[at] })),
    { mean: (cells - 1) / 2, deviation: cells, weight: 1 },
  ]
  for (const { mean, deviation, weight } of kernels) {
    const whole = logNormalMass((-0.5 - mean) / deviation, (cells - 0.5 - mean) / deviation)
    for (let cell = 0; cell < cells; cell += 1) {
      const mass = logNormalMass((cell - 0.5 - mean) / deviation, (cell + 0.5 - mean) / deviation)
      shares[cell] += (weight / total) * Math.exp(mass - whole)
    }
  }
  return shares
}
