/** A column of numbers; NaN means missing. */
export type NumericColumn = { readonly kind: 'numeric'; readonly values: Float32Array }

/** A column of categories; `codes[row]` indexes `categories`, -1 means missing. */
export type CategoricalColumn = {
  readonly kind: 'categorical'
  readonly codes: Int32Array
  readonly categories: readonly string[]
}

export type Column = NumericColumn | CategoricalColumn

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

/**
 * Checks the columns and makes a frame of them; nothing is copied.
 * Throws a TypeError for a column that is not one of the two kinds, a RangeError for no columns, unequal
 * lengths, codes out of range, and duplicate, empty or malformed category names.
 */
export const createFrame = (columns: Readonly<Record<string, Column>>): Frame => {
  const names = Object.keys(columns)
  let rows = -1
  for (const name of names) {
    const column = columns[name]
    const values = column?.kind === 'numeric' ? column.values : column?.codes
    if (column?.kind === 'numeric' ? !(values instanceof Float32Array) : !(values instanceof Int32Array))
      throw new TypeError(
        `column '${name}': expected {kind:'numeric', values: Float32Array} or {kind:'categorical', codes: Int32Array}`,
      )
    if (values === undefined || column === undefined) continue
    if (rows !== -1 && values.length !== rows)
      throw new RangeError(`column '${name}' has ${values.length} rows, '${names[0]}' has ${rows}`)
    rows = values.length
    if (column.kind === 'categorical') checkCategorical(name, column)
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
