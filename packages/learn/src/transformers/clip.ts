import { makeSpec, numberOption, type OptionRules, resolveOptions } from '../options.ts'
import type { TransformerKind, TransformerSpec } from '../transformer.ts'
import { type Bounds, boundsKind } from './bounds.ts'
import { numbersOf, presentValues, requireKinds } from './columns.ts'
import { quantilesOf } from './counted-values.ts'
import { optional, rangeOption } from './option-rules.ts'

export interface ClipOptions {
  /** No value below. Default null: no such bound. */
  readonly min?: number | null
  /** No value above. Default null: no such bound. */
  readonly max?: number | null
  /** Quantiles of the training as bounds, 0 … 1, in place of `min` and `max`. Default null. */
  readonly quantiles?: readonly [number, number] | null
}
export interface ClipSpec extends TransformerSpec {
  readonly kind: 'clip'
}
export interface Clip extends Bounds {
  readonly kind: 'clip'
}

const rules: OptionRules<Required<ClipOptions>> = {
  min: optional(numberOption(0)),
  max: optional(numberOption(0)),
  quantiles: optional(rangeOption([0, 1], [0, 1])),
}

const resolve = (options: object): Required<ClipOptions> => {
  const resolved = resolveOptions('clip', rules, options)
  const { min, max, quantiles } = resolved
  if (quantiles !== null && (min !== null || max !== null))
    throw new RangeError('clip takes either quantiles or min and max, not both')
  if (quantiles === null && min === null && max === null)
    throw new RangeError('clip needs min, max or quantiles')
  if (min !== null && max !== null && min > max)
    throw new RangeError(`clip's min must not be above its max, not ${min} and ${max}`)
  return resolved
}

/**
 * Numeric columns between two bounds: what is beyond becomes the bound. Missing stays missing. Throws a RangeError for
 * wrong options and, in a fit that looks for quantiles, for a column without values.
 */
export const clip = (options: ClipOptions): ClipSpec => {
  resolve(options)
  return makeSpec('clip', rules, options)
}

export const clipKind: TransformerKind<Clip, ClipSpec> = {
  ...boundsKind<Clip>(),
  kind: 'clip',
  fit(spec, data) {
    const { min, max, quantiles } = resolve(spec.options)
    const columns = requireKinds('clip', data.frame, ['numeric'])
    const bounds = columns.map((name): ArrayLike<number> => {
      if (quantiles === null) return [min ?? -Infinity, max ?? Infinity]
      const present = presentValues('clip', name, numbersOf(data.frame, name), data)
      return quantilesOf(present, quantiles)
    })
    return {
      kind: 'clip',
      columns,
      lower: Float32Array.from(bounds, (pair) => pair[0]),
      upper: Float32Array.from(bounds, (pair) => pair[1]),
      toMissing: false,
    }
  },
}
