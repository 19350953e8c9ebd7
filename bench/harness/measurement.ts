/** A number of ours against a peer's. */
export interface Measurement {
  case: string
  metric: string
  unit: string
  /** Which of two numbers of this metric is the better one. */
  better: 'higher' | 'lower'
  /** Null: the run gave no number; `note` says why. */
  ours: number | null
  peer: number | null
  peerName: string
  /** How many times better ours has to be; null: recorded only. */
  goal: number | null
  note?: string
}

/** One line of `results.jsonl`. */
export interface Result {
  topic: string
  case: string
  metric: string
  unit: string
  ours: number | null
  peer: number | null
  peerName: string
  /** How many times better ours is; null where one of the two has no number. */
  ratio: number | null
  goal: number | null
  ok: boolean
  note?: string
}

/**
 * Judges a measurement. A goal without a number of ours is missed; one without a number of the peer's is met, since
 * the peer could not do the case.
 */
export function toResult(topic: string, measurement: Measurement): Result {
  const { case: name, metric, unit, better, ours, peer, peerName, goal, note } = measurement
  const ratio = ours === null || peer === null ? null : better === 'higher' ? ours / peer : peer / ours
  const ok = goal === null || (ours !== null && (peer === null || (ratio !== null && ratio >= goal)))
  return {
    topic,
    case: name,
    metric,
    unit,
    ours: rounded(ours),
    peer: rounded(peer),
    peerName,
    ratio: rounded(ratio),
    goal,
    ok,
    ...(note === undefined ? {} : { note }),
  }
}

/** The middle one of the numbers, or the mean of the two in the middle. Null of none. */
export function median(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** Nearest-rank percentile, p in 0–100, of numbers in ascending order. Null of none. */
export function percentile(sorted: ArrayLike<number>, p: number): number | null {
  if (sorted.length === 0) return null
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)]
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}
