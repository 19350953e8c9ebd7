import { minimizeLbfgs } from '../../../optimization/lbfgs.ts'
import type { Random } from '../../../random.ts'
import { compareNumbers } from '../../compare.ts'
import { countValues, type Dimension, stepValue } from '../../dimension.ts'
import { fromShare, toShare } from '../../scale.ts'
import { sobolCoordinate, sobolDimensions } from '../../sobol.ts'
import { drawIndex, drawUniform } from '../../uniform.ts'
import type { Acquisition } from './acquisition.ts'
import { type Encoding, isSmooth } from './encoding.ts'

/** Coordinates with what is expected of them. */
interface Candidate {
  readonly coordinates: Float64Array
  readonly score: number
}

const spreadPoints = 2048
const localSearches = 10
const mostRounds = 10

const coordinateOf = (dimension: Dimension, value: number): number =>
  dimension.choices ? value : toShare(dimension, value)

const coordinateAt = (dimension: Dimension, share: number): number =>
  isSmooth(dimension) ? share : coordinateOf(dimension, fromShare(dimension, share))

const spreadCandidates = (
  { dimensions, settle }: Encoding,
  acquisition: Acquisition,
  random: Random,
): readonly Candidate[] => {
  const keys = dimensions.map(() => random.uint32())
  return Array.from({ length: spreadPoints }, (_, place) => {
    const coordinates = Float64Array.from(dimensions, (dimension, index) => {
      const even = index < sobolDimensions
      return coordinateAt(dimension, even ? sobolCoordinate(place, index, keys[index]) : drawUniform(random))
    })
    settle(coordinates)
    return { coordinates, score: acquisition(coordinates) }
  })
}

/** Moves the smooth coordinates uphill, each as sin² of an angle, so that none leaves 0 … 1. */
const climb = (
  { coordinates }: Candidate,
  acquisition: Acquisition,
  smooth: readonly number[],
): Candidate => {
  const point = coordinates.slice()
  const slopes = new Float64Array(point.length)
  // At the ends the slope by the angle is 0, and nothing would move.
  const start = Float64Array.from(smooth, (index) =>
    Math.asin(Math.sqrt(Math.min(1 - 1e-4, Math.max(1e-4, point[index])))),
  )
  const place = (angles: Float64Array): void => {
    smooth.forEach((index, at) => {
      point[index] = Math.sin(angles[at]) ** 2
    })
  }
  const best = minimizeLbfgs(
    (angles, gradient) => {
      place(angles)
      slopes.fill(0)
      const score = acquisition(point, slopes)
      smooth.forEach((index, at) => {
        gradient[at] = -slopes[index] * Math.sin(2 * angles[at])
      })
      return -score
    },
    start,
    { maxIter: 40, tol: 1e-3, onIteration: () => {} },
  )
  place(best.point)
  return { coordinates: point, score: acquisition(point) }
}

/** Tries every value of each coordinate that has few, one after the other. */
const step = (
  from: Candidate,
  acquisition: Acquisition,
  { dimensions, settle }: Encoding,
  discrete: readonly number[],
): Candidate => {
  let best = from
  for (const index of discrete) {
    const dimension = dimensions[index]
    const count = countValues(dimension)
    for (let place = 0; place < count; place += 1) {
      const coordinate = coordinateOf(dimension, stepValue(dimension, place))
      if (coordinate === best.coordinates[index]) continue
      const coordinates = best.coordinates.with(index, coordinate)
      settle(coordinates)
      const score = acquisition(coordinates)
      if (score > best.score) best = { coordinates, score }
    }
  }
  return best
}

const searchFrom = (start: Candidate, acquisition: Acquisition, encoding: Encoding): Candidate => {
  const { dimensions, decode } = encoding
  const indices = [...dimensions.keys()].filter((index) => countValues(dimensions[index]) > 1)
  const discrete = indices.filter((index) => !isSmooth(dimensions[index]))
  let best = start
  for (let round = 0; round < mostRounds; round += 1) {
    const point = decode(best.coordinates)
    const smooth = indices.filter((index) => isSmooth(dimensions[index]) && !Number.isNaN(point[index]))
    const higher = smooth.length > 0 ? climb(best, acquisition, smooth) : best
    const climbed = higher.score > best.score ? higher : best
    const stepped = step(climbed, acquisition, encoding, discrete)
    const moved = stepped !== climbed
    best = stepped
    if (!moved) break
  }
  return best
}

/**
 * A point of which much is expected: the best of local searches from the best of points spread over the space, from some that
 * are drawn by what is expected of them, and from `known`. One that was not tried before, if there is one.
 */
export const searchMaximum = (
  encoding: Encoding,
  acquisition: Acquisition,
  known: readonly Float64Array[],
  isTried: (point: Float64Array) => boolean,
  random: Random,
): Float64Array => {
  const spread = [...spreadCandidates(encoding, acquisition, random)].sort((a, b) =>
    compareNumbers(b.score, a.score),
  )
  const weights = Float64Array.from(spread, ({ score }) => Math.exp(score - spread[0].score))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const starts = [
    ...known.map((coordinates) => ({ coordinates, score: acquisition(coordinates) })),
    spread[0],
  ]
  while (starts.length < localSearches) starts.push(spread[drawIndex(random, weights, total)])
  const found = [...new Set(starts)]
    .map((start) => searchFrom(start, acquisition, encoding))
    .sort((a, b) => compareNumbers(b.score, a.score))
  const points = [...found, ...spread].map(({ coordinates }) => encoding.decode(coordinates))
  return points.find((point) => !isTried(point)) ?? points[0]
}
