import { type Dimension, nearestValue } from './dimension.ts'

/**
 * The interval that a numeric dimension has on the scale on which it is searched: the logarithm where it asks for that, and
 * half a step wider on both sides where it has steps, so that every value has an equal share.
 */
export const scaledRange = ({ low, high, step, log }: Dimension): readonly [number, number] => {
  const ends = [low - step / 2, high + step / 2] as const
  return log ? [Math.log(ends[0]), Math.log(ends[1])] : ends
}

export const toScale = ({ log }: Dimension, value: number): number => (log ? Math.log(value) : value)

/** The value of the dimension nearest to a number on its scale. */
export const fromScale = (dimension: Dimension, scaled: number): number =>
  nearestValue(dimension, dimension.log ? Math.exp(scaled) : scaled)

/** The value at a share (0 … 1) of the range: shares that are uniform give values that are uniform on the scale. */
export const fromShare = (dimension: Dimension, share: number): number => {
  if (dimension.choices) return Math.min(dimension.high, Math.floor(share * (dimension.high + 1)))
  const [low, high] = scaledRange(dimension)
  return fromScale(dimension, low + share * (high - low))
}

/** The share of the range (0 … 1) at which a numeric dimension has a value; one half where there is only one value. */
export const toShare = (dimension: Dimension, value: number): number => {
  const [low, high] = scaledRange(dimension)
  return high > low ? (toScale(dimension, value) - low) / (high - low) : 0.5
}
