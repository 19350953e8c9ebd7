import type { CategoricalColumn } from '../frame.ts'

/** Errors for categories that were not in the training, if a row has them; -1 if none has (the place is not looked at). */
export const unknownCategory = (
  transformer: string,
  name: string,
  { codes, categories }: CategoricalColumn,
) => {
  const refuse = (what: string, row: number): never => {
    throw new RangeError(
      `${transformer}: column '${name}' is ${what} in row ${row}, which the training did not have; ` +
        `set handleUnknown if that may be`,
    )
  }
  return {
    ifUsed(category: string): number {
      const row = codes.indexOf(categories.indexOf(category))
      return row === -1 ? -1 : refuse(`'${category}'`, row)
    },
    ifMissing(): number {
      const row = codes.indexOf(-1)
      return row === -1 ? -1 : refuse('missing', row)
    },
  }
}
