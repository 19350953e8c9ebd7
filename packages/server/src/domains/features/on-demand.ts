import { type ColumnType, fail, type OnDemandViewDefinition, type Ranges } from '@millrace/protocol'

/** A value as it is stored and sent: times in milliseconds, null = missing. */
export type FeatureValue = string | number | boolean | null

export interface OnDemandRunner {
  view: string
  inputs: readonly string[]
  outputs: readonly string[]
  /** Of the outputs that have one; what `compute` gives is not checked yet. */
  ranges?: Ranges
  /**
   * Computes the features of one row from its inputs, in the order of `inputs` and `outputs`. If an input is missing
   * the function is not called and all features are missing.
   * @throws `feature.compute_failed` if the function throws or gives a value of another type
   */
  compute(inputs: readonly FeatureValue[], row: number): FeatureValue[]
}

/** The one way in which an on-demand view runs, for training sets and for requests alike. */
export function createOnDemandRunner(
  { name: view, input, features, ranges }: OnDemandViewDefinition,
  compute: (row: Record<string, unknown>) => unknown,
): OnDemandRunner {
  const inputs = Object.entries(input)
  const outputs = Object.entries(features)
  const missing: FeatureValue[] = outputs.map(() => null)
  return {
    view,
    inputs: Object.keys(input),
    outputs: Object.keys(features),
    ...(ranges && { ranges }),
    compute(values, row) {
      const given: Record<string, unknown> = {}
      for (let i = 0; i < inputs.length; i++) {
        const value = values[i]
        if (value === null) return missing
        given[inputs[i][0]] = inputs[i][1] === 'timestamp' ? new Date(value as number) : value
      }
      let result: unknown
      try {
        result = compute(given)
      } catch (error) {
        throw fail('feature.compute_failed', { view, row, reason: (error as Error).message }, error)
      }
      if (typeof result !== 'object' || result === null) {
        throw fail('feature.compute_failed', { view, row, reason: 'it gave no object' })
      }
      return outputs.map(([name, type]) => {
        const value = toFeatureValue((result as Record<string, unknown>)[name], type)
        if (value !== undefined) return value
        const got = String((result as Record<string, unknown>)[name])
        throw fail('feature.compute_failed', {
          view,
          row,
          reason: `"${name}" should be ${type}, it is ${got}`,
        })
      })
    },
  }
}

/** Undefined when the value is not of the type. NaN, like null, is a missing number. */
export function toFeatureValue(value: unknown, type: ColumnType): FeatureValue | undefined {
  if (value === null) return null
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'int64':
      if (Number.isNaN(value)) return null
      return Number.isSafeInteger(value) ? (value as number) : undefined
    case 'float64':
      if (Number.isNaN(value)) return null
      return Number.isFinite(value) ? (value as number) : undefined
    case 'timestamp':
      return toMilliseconds(value)
  }
}

function toMilliseconds(value: unknown): number | undefined {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined
}
