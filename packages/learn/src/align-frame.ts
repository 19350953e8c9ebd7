import type { CategoricalColumn, Column, Frame } from './frame.ts'
import { type ModelInput, usedInputs } from './model.ts'

/** What a model fitted to this frame takes. */
export const describeInputs = (frame: Frame): ModelInput[] =>
  Object.entries(frame.columns).map(([name, column]) =>
    column.kind === 'categorical'
      ? { name, kind: column.kind, categories: [...column.categories] }
      : { name, kind: column.kind },
  )

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, index) => text === b[index])

/** The column with its categories numbered as in the model; those that it does not know are missing. */
const renumber = (column: CategoricalColumn, categories: readonly string[]): CategoricalColumn => {
  if (isSameList(column.categories, categories)) return { ...column, categories }
  const codeOf = new Map(categories.map((category, code) => [category, code]))
  const translated = column.categories.map((category) => codeOf.get(category) ?? -1)
  const codes = column.codes.map((code) => (code === -1 ? -1 : translated[code]))
  return { kind: 'categorical', codes, categories }
}

/** Whether the frame is as the model wants it; most are, and servers ask for each row that they predict. */
const isAligned = (inputs: readonly ModelInput[], { columns }: Frame): boolean => {
  const names = Object.keys(columns)
  if (names.length !== inputs.length) return false
  for (let index = 0; index < names.length; index += 1) {
    const input = inputs[index]
    const column = columns[names[index]]
    if (names[index] !== input.name || column.kind !== input.kind || input.unused) return false
    if (column.kind === 'categorical' && input.kind === 'categorical' && !input.open)
      if (!isSameList(column.categories, input.categories)) return false
  }
  return true
}

/**
 * The columns that a model takes, in its order and with its numbering of categories. Columns are shared where
 * they need no change; those that it does not use are left out. Throws a TypeError for a column that is missing or
 * of another kind, and a RangeError for one that the model does not know (a renamed feature must not go unnoticed).
 */
export const alignFrame = (inputs: readonly ModelInput[], frame: Frame): Frame => {
  if (isAligned(inputs, frame)) return frame
  const names = new Set(inputs.map(({ name }) => name))
  const unknown = Object.keys(frame.columns).find((name) => !names.has(name))
  if (unknown !== undefined)
    throw new RangeError(`the model does not know column '${unknown}'; it takes ${[...names].join(', ')}`)
  const columns = usedInputs(inputs).map((input): [string, Column] => {
    const column = Object.hasOwn(frame.columns, input.name) ? frame.columns[input.name] : undefined
    if (column === undefined) throw new TypeError(`the frame lacks column '${input.name}' of the model`)
    if (column.kind !== input.kind)
      throw new TypeError(`column '${input.name}' is ${column.kind}; the model was trained on ${input.kind}`)
    return column.kind === 'categorical' && input.kind === 'categorical' && !input.open
      ? [input.name, renumber(column, input.categories)]
      : [input.name, column]
  })
  return { rows: frame.rows, columns: Object.fromEntries(columns) }
}
