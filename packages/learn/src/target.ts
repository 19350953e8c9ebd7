/** A checked binary target: 0 or 1 for each row. */
export type BinaryTarget = { readonly labels: Uint8Array; readonly positives: number }

/**
 * Checks that every value is 0 or 1 (false and true are not accepted: they would hide a wrong column).
 * Throws a RangeError that names the first bad row; NaN, null and 2 are all bad.
 */
export const checkLabels = (values: ArrayLike<number>, rows: number): BinaryTarget => {
  if (values.length !== rows)
    throw new RangeError(`the target has ${values.length} values for ${rows} rows; they must be equal`)
  const labels = new Uint8Array(rows)
  let positives = 0
  for (let row = 0; row < rows; row += 1) {
    const value = values[row]
    if (value !== 0 && value !== 1)
      throw new RangeError(`the target must be 0 or 1; row ${row} holds ${String(value)}`)
    labels[row] = value
    positives += value
  }
  return { labels, positives }
}

/** The name of a class. All classes of a target are of one type. */
export type Label = string | number | boolean

/** A class for each row: `classes[codes[row]]`. */
export interface ClassTarget {
  readonly kind: 'classes'
  readonly codes: Int32Array
  /** Ascending (false before true, text by code units). */
  readonly classes: readonly Label[]
}

/** A finite number for each row. */
export interface NumberTarget {
  readonly kind: 'numbers'
  readonly values: Float64Array
}

/** What is to be learnt: a class or a number for each row. */
export type Target = ClassTarget | NumberTarget

const describeLabel = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))

/**
 * Makes a target of labels: strings, finite numbers or booleans, not mixed. Throws a RangeError that names the
 * first row that holds anything else (null, NaN, another type).
 */
export const classTarget = (labels: ArrayLike<Label>): ClassTarget => {
  const rowsOf = new Map<Label, number>()
  const first = labels[0]
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row]
    const proper =
      typeof label === 'number' ? Number.isFinite(label) : ['string', 'boolean'].includes(typeof label)
    if (!proper || typeof label !== typeof first)
      throw new RangeError(
        `a target of classes holds text, finite numbers or booleans, all of one type; ` +
          `row ${row} holds ${describeLabel(label)}, row 0 ${describeLabel(first)}`,
      )
    if (!rowsOf.has(label)) rowsOf.set(label, row)
  }
  const classes = [...rowsOf.keys()].sort((a, b) => (a < b ? -1 : 1))
  const codeOf = new Map(classes.map((label, code) => [label, code]))
  return { kind: 'classes', classes, codes: Int32Array.from(labels, (label) => codeOf.get(label) ?? -1) }
}

/** Makes a target of finite numbers. Throws a RangeError that names the first row that holds anything else. */
export const numberTarget = (numbers: ArrayLike<number>): NumberTarget => {
  const values = Float64Array.from(numbers)
  const row = values.findIndex((value) => !Number.isFinite(value))
  if (row !== -1) throw new RangeError(`the target must be finite numbers; row ${row} holds ${numbers[row]}`)
  return { kind: 'numbers', values }
}
