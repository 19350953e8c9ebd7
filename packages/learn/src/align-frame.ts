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

// Servers align a frame for each row that they predict.
const nameSets = new WeakMap<readonly ModelInput[], ReadonlySet<string>>()

const namesOf = (inputs: readonly ModelInput[]): ReadonlySet<string> => {
  const known = nameSets.get(inputs)
  if (known) return known
  const names = new Set(inputs.map(({ name }) => name))
  nameSets.set(inputs, names)
  return names
}

/**
 * The columns that a model takes, in its order and with its numbering of categories. Columns are shared where
 * they need no change; those that it does not use are left out. Throws a TypeError for a column that is missing or
 * of another kind, and a RangeError for one that the model does not know (a renamed feature must not go unnoticed).
 */
export const alignFrame = (inputs: readonly ModelInput[], frame: Frame): Frame => {
  const names = namesOf(inputs)
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
