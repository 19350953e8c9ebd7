import type { Random } from '../../random.ts'
import type { PointTable } from '../point-table.ts'
import { squaredDistance } from './distances.ts'

/** A row drawn with a probability proportional to its mass. */
const drawRow = (masses: Float64Array, total: number, random: Random): number => {
  let rest = (random.uint32() / 2 ** 32) * total
  let last = 0
  for (let row = 0; row < masses.length; row += 1) {
    if (masses[row] === 0) continue
    last = row
    if (rest < masses[row]) break
    rest -= masses[row]
  }
  return last
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

/**
 * k-means++ (Arthur & Vassilvitskii 2007): each centre is a row drawn by its squared distance to the nearest centre
 * so far; of 2 + ⌊log k⌋ draws the one that lowers the sum of them most, as in scikit-learn.
 */
export const drawSpreadCentres = (points: PointTable, clusters: number, random: Random): Float64Array => {
  const { rows, width, values, weights } = points
  const centres = new Float64Array(clusters * width)
  const trials = 2 + Math.floor(Math.log(clusters))
  let squares = new Float64Array(rows).fill(Infinity)
  const setCentre = (centre: number, row: number): void =>
    centres.set(values.subarray(row * width, (row + 1) * width), centre * width)
  const squaresWith = (centre: number): Float64Array<ArrayBuffer> =>
    squares.map((square, row) => Math.min(square, squaredDistance(values, row, centres, centre, width)))

  setCentre(0, drawRow(weights, sum(weights), random))
  squares = squaresWith(0)
  for (let centre = 1; centre < clusters; centre += 1) {
    const masses = squares.map((square, row) => square * weights[row])
    const total = sum(masses)
    let best = { potential: Infinity, row: 0, squares }
    for (let trial = 0; trial < trials; trial += 1) {
      const row = drawRow(masses, total, random)
      setCentre(centre, row)
      const tried = squaresWith(centre)
      const potential = tried.reduce((before, square, index) => before + square * weights[index], 0)
      if (potential < best.potential) best = { potential, row, squares: tried }
    }
    setCentre(centre, best.row)
    squares = best.squares
  }
  return centres
}

/** Different rows, drawn by their weights. */
export const drawRandomCentres = (points: PointTable, clusters: number, random: Random): Float64Array => {
  const { rows, width, values, weights } = points
  const centres = new Float64Array(clusters * width)
  const masses = weights.slice()
  for (let centre = 0; centre < clusters; centre += 1) {
    const drawn = drawRow(masses, sum(masses), random)
    centres.set(values.subarray(drawn * width, (drawn + 1) * width), centre * width)
    // The same point must not be drawn twice, however often it occurs.
    for (let row = 0; row < rows; row += 1)
      if (squaredDistance(values, row, centres, centre, width) === 0) masses[row] = 0
  }
  return centres
}
