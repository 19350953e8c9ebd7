/** Parameters of the covariance: `scale` × Matérn 5/2 of the distance, and the variance of the noise. */
export interface Covariance {
  /** 1 / length² by dimension. */
  readonly weights: Float64Array
  readonly scale: number
  readonly noise: number
}

/** The square of the difference along a dimension; 1 for categories that differ. */
export const squaredGap = (a: number, b: number, categorical: number): number =>
  categorical ? (a === b ? 0 : 1) : (a - b) * (a - b)

/** Matérn's function of smoothness 5/2 of a squared distance (Rasmussen & Williams 2006, 4.17). */
export const matern = (squared: number): number => {
  const root = Math.sqrt(5 * squared)
  return (1 + root + (root * root) / 3) * Math.exp(-root)
}

/** Its derivative by the squared distance. */
export const maternSlope = (squared: number): number => {
  const root = Math.sqrt(5 * squared)
  return (-5 / 6) * (1 + root) * Math.exp(-root)
}
