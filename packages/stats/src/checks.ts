/** Refuses a list whose length is not the one expected. */
export function requireSameLength(name: string, actual: number, expected: number): void {
  if (actual !== expected) {
    throw new RangeError(`${name} has ${actual} entries, expected ${expected}: pass one entry per row`)
  }
}

/** Refuses counts that are not finite numbers >= 0, and returns their sum. */
export function sumCounts(name: string, counts: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]
    if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name}[${i}] is ${count}: a count must be a finite number >= 0`)
    }
    total += count
  }
  return total
}

/** Refuses a number outside [low, high]; NaN is outside. */
export function requireBetween(name: string, value: number, [low, high]: readonly [number, number]): void {
  if (!(value >= low && value <= high)) {
    throw new RangeError(`${name} is ${value}, expected a number from ${low} to ${high}`)
  }
}

/** Refuses anything but an integer >= minimum. */
export function requireInteger(name: string, value: number, minimum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new RangeError(`${name} is ${value}, expected an integer >= ${minimum}`)
  }
}

/** Refuses labels other than 0 and 1, and returns how many are 1. */
export function countPositives(name: string, labels: ArrayLike<number>): number {
  let positives = 0
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]
    if (label !== 0 && label !== 1) throw new RangeError(`${name}[${i}] is ${label}, expected 0 or 1`)
    positives += label
  }
  return positives
}

/** Refuses probabilities outside [0, 1] and NaN. */
export function requireProbabilities(name: string, probabilities: ArrayLike<number>): void {
  for (let i = 0; i < probabilities.length; i++) {
    requireBetween(`${name}[${i}]`, probabilities[i], [0, 1])
  }
}

/** Refuses infinities and NaN. */
export function requireFinite(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new RangeError(`${name}[${i}] is ${values[i]}, expected a finite number`)
  }
}

/** Copies the finite values in ascending order; refuses a list without any. */
export function sortFinite(name: string, values: ArrayLike<number>): Float64Array {
  const kept = new Float64Array(values.length)
  let size = 0
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) kept[size++] = values[i]
  }
  if (size === 0) throw new RangeError(`${name} has no finite value (${values.length} entries)`)
  return kept.subarray(0, size).sort()
}
