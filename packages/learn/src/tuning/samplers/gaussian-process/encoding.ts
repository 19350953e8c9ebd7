import { countValues, type Dimension } from '../../dimension.ts'
import { fromShare, toShare } from '../../scale.ts'
import { isActive, type Space } from '../../space.ts'

/** How points of a space become coordinates: shares of the range for numbers, the index for categories. */
export interface Encoding {
  readonly dimensions: readonly Dimension[]
  /** 1 where two values are only equal or different. */
  readonly categorical: Uint8Array
  /** Overwrites coordinates of dimensions that do not exist there by a constant, so that they make no difference. */
  readonly settle: (coordinates: Float64Array) => void
  readonly encode: (point: Float64Array) => Float64Array
  /** The nearest point. Dimensions that do not exist there are NaN. */
  readonly decode: (coordinates: Float64Array) => Float64Array
}

export const createEncoding = ({ dimensions }: Space): Encoding => {
  const categorical = Uint8Array.from(dimensions, ({ choices }) => (choices ? 1 : 0))
  const constants = Float64Array.from(categorical, (own) => (own ? 0 : 0.5))
  const toValue = (index: number, coordinate: number): number =>
    categorical[index] ? coordinate : fromShare(dimensions[index], coordinate)
  const toCoordinate = (index: number, value: number): number =>
    categorical[index] ? value : toShare(dimensions[index], value)
  const decode = (coordinates: Float64Array): Float64Array => {
    const point = new Float64Array(dimensions.length).fill(Number.NaN)
    dimensions.forEach((dimension, index) => {
      if (isActive(dimension, point)) point[index] = toValue(index, coordinates[index])
    })
    return point
  }
  const encode = (point: Float64Array): Float64Array =>
    point.map((value, index) => (Number.isNaN(value) ? constants[index] : toCoordinate(index, value)))
  const conditional = dimensions.some(({ parents }) => parents.length > 0)
  return {
    dimensions,
    categorical,
    settle(coordinates) {
      if (!conditional) return
      decode(coordinates).forEach((value, index) => {
        if (Number.isNaN(value)) coordinates[index] = constants[index]
      })
    },
    encode,
    decode,
  }
}

/** Whether the search moves along a dimension as if it were continuous, and rounds at the end. */
export const isSmooth = (dimension: Dimension): boolean => !dimension.choices && countValues(dimension) > 16
