/** probability = 1 / (1 + e^-(slope × score + intercept)). */
export interface SigmoidCurve {
  readonly slope: number
  readonly intercept: number
}

/** log(1 + e^x) without overflow. */
const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)))

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** What is fitted: scores around 0 and of size 1, Platt's targets, and weights. */
interface Points {
  readonly scores: Float64Array
  readonly targets: Float64Array
  readonly weights: Float64Array
}

const computeLoss = ({ scores, targets, weights }: Points, slope: number, intercept: number): number => {
  let loss = 0
  for (let row = 0; row < scores.length; row += 1) {
    const margin = slope * scores[row] + intercept
    loss += weights[row] * (softplus(margin) - targets[row] * margin)
  }
  return loss
}

const computeStep = (
  { scores, targets, weights }: Points,
  slope: number,
  intercept: number,
): { down: readonly [number, number]; decrease: number } => {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12]
  for (let row = 0; row < scores.length; row += 1) {
    const share = sigmoid(slope * scores[row] + intercept)
    const error = weights[row] * (share - targets[row])
    const curvature = weights[row] * share * (1 - share)
    g0 += error * scores[row]
    g1 += error
    h00 += curvature * scores[row] * scores[row]
    h01 += curvature * scores[row]
    h11 += curvature
  }
  const determinant = h00 * h11 - h01 * h01
  const down = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant] as const
  return { down, decrease: g0 * down[0] + g1 * down[1] }
}

/** Newton's method with halved steps (Lin, Lin & Weng 2007, A Note on Platt's Probabilistic Outputs). */
const minimize = (points: Points, start: number): SigmoidCurve => {
  let slope = 0
  let intercept = start
  let loss = computeLoss(points, slope, intercept)
  for (let iteration = 0; iteration < 100; iteration += 1) {
    const { down, decrease } = computeStep(points, slope, intercept)
    if (decrease <= 1e-14 * (1 + loss)) break
    let length = 1
    let next = Infinity
    for (; length > 1e-10; length /= 2) {
      next = computeLoss(points, slope - length * down[0], intercept - length * down[1])
      if (next <= loss - 1e-4 * length * decrease) break
    }
    // Rounding errors are all that is left to follow.
    if (next >= loss) break
    slope -= length * down[0]
    intercept -= length * down[1]
    loss = next
  }
  return { slope, intercept }
}

/**
 * The logistic curve through 0/1 outcomes (Platt 1999): the least log loss against (n₁ + 1) / (n₁ + 2) for ones and
 * 1 / (n₀ + 2) for zeros, which keeps it finite where a score divides them. n are sums of weights.
 */
export const fitSigmoid = (
  scores: Float64Array,
  outcomes: Uint8Array,
  weights: Float64Array,
): SigmoidCurve => {
  let [ones, total, mean] = [0, 0, 0]
  for (let row = 0; row < scores.length; row += 1) {
    ones += weights[row] * outcomes[row]
    total += weights[row]
    mean += weights[row] * scores[row]
  }
  mean /= total
  const variance = scores.reduce((sum, score, row) => sum + (weights[row] * (score - mean) ** 2) / total, 0)
  const scale = variance > 0 ? Math.sqrt(variance) : 1
  const high = (ones + 1) / (ones + 2)
  const low = 1 / (total - ones + 2)
  const curve = minimize(
    {
      scores: scores.map((score) => (score - mean) / scale),
      targets: Float64Array.from(outcomes, (outcome) => (outcome ? high : low)),
      weights,
    },
    Math.log((ones + 1) / (total - ones + 1)),
  )
  const slope = curve.slope / scale
  return { slope, intercept: curve.intercept - slope * mean }
}
