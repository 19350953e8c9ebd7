import type { ForestModel } from './model.ts'

/** The readable part of a stored model; the numbers by node and category follow it as typed arrays. */
export type ModelHeader = {
  readonly prior: number
  readonly trees: number
  readonly nodes: number
  readonly columns: readonly HeaderColumn[]
}

type HeaderColumn =
  | { readonly kind: 'numeric'; readonly name: string; readonly median: number }
  | { readonly kind: 'categorical'; readonly name: string; readonly categories: readonly string[] }

export const toHeader = ({ preprocessor, forest }: ForestModel): ModelHeader => ({
  prior: preprocessor.prior,
  trees: forest.offsets.length - 1,
  nodes: forest.feature.length,
  columns: preprocessor.columns.map((column) =>
    column.kind === 'numeric'
      ? { kind: 'numeric', name: column.name, median: column.median }
      : { kind: 'categorical', name: column.name, categories: column.categories },
  ),
})

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 1
const isText = (value: unknown): boolean => typeof value === 'string'

const isColumn = (value: unknown): boolean => {
  if (!isRecord(value) || !isText(value.name)) return false
  if (value.kind === 'numeric') return Number.isFinite(value.median)
  return value.kind === 'categorical' && Array.isArray(value.categories) && value.categories.every(isText)
}

/** Whether parsed JSON has the shape of a header. */
export const isHeader = (value: unknown): value is ModelHeader =>
  isRecord(value) &&
  Number.isFinite(value.prior) &&
  isCount(value.trees) &&
  isCount(value.nodes) &&
  Array.isArray(value.columns) &&
  value.columns.length > 0 &&
  value.columns.every(isColumn)
