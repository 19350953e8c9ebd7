/**
 * The standard normal distribution function to about 13 digits: the series around 0 and the continued fraction
 * outside (Abramowitz & Stegun 1964, 26.2.10 and 26.2.14).
 */
export const normalCdf = (z: number): number => {
  if (Number.isNaN(z)) return Number.NaN
  if (Math.abs(z) > 38) return z > 0 ? 1 : 0
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (Math.abs(z) < 3) {
    let term = z
    let sum = z
    for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
      term *= (z * z) / n
      sum += term
    }
    return 0.5 + density * sum
  }
  let fraction = 0
  for (let n = 60; n >= 1; n -= 1) fraction = n / (Math.abs(z) + fraction)
  const tail = density / (Math.abs(z) + fraction)
  return z > 0 ? 1 - tail : tail
}

/** A ratio of polynomials in r, coefficients from the highest power down. */
interface NormalRatio {
  readonly over: readonly number[]
  readonly under: readonly number[]
}

/**
 * PPND16 of algorithm AS 241 (Wichura 1988, Applied Statistics 37), to about 16 digits. `central` is used where the share is
 * within `split` of a half: of r = `centre` − q², times q. Outside it is a function of the root of −ln of the nearer tail:
 * `tail` of it − `tailStart` up to `farStart`, `far` of it − `farStart` beyond.
 */
export const normalRatios = {
  split: 0.425,
  centre: 0.180625,
  tailStart: 1.6,
  farStart: 5,
  central: {
    over: [
      2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
      1971.5909503065513, 133.14166789178438, 3.3871328727963665,
    ],
    under: [
      5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
      687.1870074920579, 42.31333070160091, 1,
    ],
  },
  tail: {
    over: [
      0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
      5.769497221460691, 4.630337846156546, 1.4234371107496835,
    ],
    under: [
      1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
      0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
    ],
  },
  far: {
    over: [
      2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124,
      0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
    ],
    under: [
      2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133,
      0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
    ],
  },
} as const

const evaluateRatio = ({ over, under }: NormalRatio, r: number): number => {
  const polynomial = (coefficients: readonly number[]): number =>
    coefficients.reduce((sum, coefficient) => sum * r + coefficient)
  return polynomial(over) / polynomial(under)
}

/**
 * The value below which a standard normal variable is with this probability, to about 15 digits; ±Infinity for 1 and 0, NaN
 * for NaN. Throws a RangeError for any other number.
 */
export const normalQuantile = (share: number): number => {
  if (Number.isNaN(share)) return Number.NaN
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share must be 0 … 1, not ${share}`)
  if (share === 0 || share === 1) return share === 0 ? -Infinity : Infinity
  const { split, centre, tailStart, farStart, central, tail, far } = normalRatios
  const q = share - 0.5
  if (Math.abs(q) <= split) return q * evaluateRatio(central, centre - q * q)
  const root = Math.sqrt(-Math.log(q < 0 ? share : 1 - share))
  const value = root <= farStart ? evaluateRatio(tail, root - tailStart) : evaluateRatio(far, root - farStart)
  return q < 0 ? -value : value
}
