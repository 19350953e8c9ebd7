import type { Column, Frame } from '../frame.ts'

/** One column of {@link toTreeFeatures}. */
export const toTreeFeature = (name: string, column: Column): Float32Array => {
  switch (column.kind) {
    case 'numeric':
      return column.values
    case 'categorical':
      return Float32Array.from(column.codes, (code) => (code < 0 ? Number.NaN : code))
    case 'boolean':
      return Float32Array.from(column.values, (value) => (value < 0 ? Number.NaN : value))
    case 'timestamp':
      throw new TypeError(`column '${name}' is timestamp; trees take numbers: put dateParts() before them`)
  }
}

/** The columns as a tree tests them: numbers as they are, categories by code, booleans as 0 and 1; NaN is missing. */
export const toTreeFeatures = ({ columns }: Frame): Float32Array[] =>
  Object.entries(columns).map(([name, column]) => toTreeFeature(name, column))
