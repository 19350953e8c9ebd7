/** A column of numbers; NaN means missing. */
export type NumericColumn = { readonly kind: 'numeric'; readonly values: Float32Array }

/** A column of categories; `codes[row]` indexes `categories`, -1 means missing. */
export type CategoricalColumn = {
  readonly kind: 'categorical'
  readonly codes: Int32Array
  readonly categories: readonly string[]
}

/** A column of 0 (false), 1 (true) and -1 (missing). */
export type BooleanColumn = { readonly kind: 'boolean'; readonly values: Int8Array }

/** A column of times in milliseconds since the epoch, UTC; NaN means missing. Fractions are allowed. */
export type TimestampColumn = { readonly kind: 'timestamp'; readonly values: Float64Array }

/** The values of one column, missing ones included; every kind has its own code for them. */
export type Column = NumericColumn | CategoricalColumn | BooleanColumn | TimestampColumn
export type ColumnKind = Column['kind']

/** A table in memory, column by column. Make one with {@link createFrame}, which checks it. */
export type Frame = { readonly rows: number; readonly columns: Readonly<Record<string, Column>> }

const checkCategorical = (name: string, column: CategoricalColumn): void => {
  const { codes, categories } = column
  const seen = new Set<string>()
  for (const category of categories) {
    if (category === '')
      throw new RangeError(`column '${name}': '' is not a category; code it as missing (-1) instead`)
    if (!category.isWellFormed())
      throw new RangeError(`column '${name}': category ${JSON.stringify(category)} is not valid Unicode`)
    if (seen.has(category)) throw new RangeError(`column '${name}': category '${category}' occurs twice`)
    seen.add(category)
  }
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row]
    if (code < -1 || code >= categories.length)
      throw new RangeError(
        `column '${name}': code ${code} in row ${row} is outside -1 (missing) … ${categories.length - 1}`,
      )
  }
}

const checkBoolean = (name: string, { values }: BooleanColumn): void => {
  const row = values.findIndex((value) => value < -1 || value > 1)
  if (row !== -1)
    throw new RangeError(`column '${name}': ${values[row]} in row ${row} is not 0, 1 or -1 (missing)`)
}

const checkTimestamp = (name: string, { values }: TimestampColumn): void => {
  // The range of times that a Date can hold.
  const row = values.findIndex((value) => Math.abs(value) > 8.64e15)
  if (row !== -1)
    throw new RangeError(`column '${name}': ${values[row]} in row ${row} is not a time in milliseconds`)
}

const storage = {
  numeric: Float32Array,
  categorical: Int32Array,
  boolean: Int8Array,
  timestamp: Float64Array,
} as const

const columnRows = (name: string, column: Column | null | undefined): number => {
  const values = column?.kind === 'categorical' ? column.codes : column?.values
  const wanted = column && Object.hasOwn(storage, column.kind) ? storage[column.kind] : undefined
  if (wanted === undefined || !(values instanceof wanted))
    throw new TypeError(
      `column '${name}': expected {kind:'numeric', values: Float32Array}, {kind:'categorical', codes: Int32Array, ` +
        `categories}, {kind:'boolean', values: Int8Array} or {kind:'timestamp', values: Float64Array}`,
    )
  return values.length
}

/**
 * Checks the columns and makes a frame of them; nothing is copied.
 * Throws a TypeError for a column that is none of the kinds, a RangeError for no columns, unequal
 * lengths, values out of range, and duplicate, empty or malformed category names.
 */
export const createFrame = (columns: Readonly<Record<string, Column>>): Frame => {
  const names = Object.keys(columns)
  let rows = -1
  for (const name of names) {
    const column = columns[name]
    const length = columnRows(name, column)
    if (rows !== -1 && length !== rows)
      throw new RangeError(`column '${name}' has ${length} rows, '${names[0]}' has ${rows}`)
    rows = length
    if (column.kind === 'categorical') checkCategorical(name, column)
    if (column.kind === 'boolean') checkBoolean(name, column)
    if (column.kind === 'timestamp') checkTimestamp(name, column)
  }
  if (rows === -1) throw new RangeError('a frame needs at least one column')
  return { rows, columns }
}

/** A numeric column from any numbers; null and undefined become NaN (missing). */
export const numericColumn = (values: ArrayLike<number | null | undefined>): NumericColumn => ({
  kind: 'numeric',
  values: Float32Array.from(values, (value) => value ?? Number.NaN),
})

/**
 * A categorical column from strings, with the categories in order of first appearance.
 * null, undefined and '' are missing: an ONNX string tensor has no null, so '' stands for it there.
 */
export const categoricalColumn = (values: ArrayLike<string | null | undefined>): CategoricalColumn => {
  const codeOf = new Map<string, number>()
  const codes = Int32Array.from(values, (value) => {
    if (value === null || value === undefined || value === '') return -1
    const known = codeOf.get(value)
    if (known !== undefined) return known
    codeOf.set(value, codeOf.size)
    return codeOf.size - 1
  })
  return { kind: 'categorical', codes, categories: [...codeOf.keys()] }
}

/** A boolean column; null and undefined are missing. Throws a TypeError for anything but true and false. */
export const booleanColumn = (values: ArrayLike<boolean | null | undefined>): BooleanColumn => ({
  kind: 'boolean',
  values: Int8Array.from(values, (value) => {
    if (value === null || value === undefined) return -1
    if (typeof value !== 'boolean') throw new TypeError(`${String(value)} is not true, false or null`)
    return value ? 1 : 0
  }),
})

/** A column of times, from Dates or milliseconds since the epoch; null and undefined are missing. */
export const timestampColumn = (values: ArrayLike<Date | number | null | undefined>): TimestampColumn => ({
  kind: 'timestamp',
  values: Float64Array.from(values, (value) =>
    value instanceof Date ? value.getTime() : (value ?? Number.NaN),
  ),
})

/** The same frame with only the named columns, in that order. Throws a RangeError for an unknown name. */
export const selectColumns = (frame: Frame, names: readonly string[]): Frame =>
  createFrame(
    Object.fromEntries(
      names.map((name) => {
        const column = Object.hasOwn(frame.columns, name) ? frame.columns[name] : undefined
        if (column === undefined) throw new RangeError(`the frame has no column '${name}'`)
        return [name, column]
      }),
    ),
  )
