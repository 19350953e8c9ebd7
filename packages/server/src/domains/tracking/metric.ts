/** One measurement. NaN and the infinities are values like others. */
export interface Metric {
  key: string
  value: number
  /** Milliseconds. */
  at: number
  /** Position on the run's own axis (epoch, tree, …); may be negative. */
  step: number
}

type Special = '' | 'NaN' | 'Infinity' | '-Infinity'

/** A number as columns: no engine keeps NaN and the infinities alike, so they are spelt out beside a 0. */
export interface StoredNumber {
  value: number
  special: string
}

export function toStored(value: number): StoredNumber {
  // Adding 0 turns -0 into 0, which is all that every engine keeps.
  return Number.isFinite(value)
    ? { value: value + 0, special: '' }
    : { value: 0, special: String(value) as Special }
}

export function fromStored({ value, special }: StoredNumber): number {
  return special === '' ? value : Number(special)
}

/** JSON has no NaN and no infinities: they travel as their names. */
export function toWireNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

/**
 * True if `a` is to be shown rather than `b` as the latest value: the later step, then time, then the greater value,
 * NaN counting as 0 (MLflow's order).
 */
export function isLater(a: Metric, b: Metric): boolean {
  if (a.step !== b.step) return a.step > b.step
  if (a.at !== b.at) return a.at > b.at
  return (Number.isNaN(a.value) ? 0 : a.value) > (Number.isNaN(b.value) ? 0 : b.value)
}
