import { choiceOption, makeSpec, numberOption, type OptionRules, resolveOptions } from '../options.ts'
import type { TransformerKind, TransformerSpec } from '../transformer.ts'
import { type Bounds, boundsKind } from './bounds.ts'
import { numbersOf, presentValues, requireKinds } from './columns.ts'
import { quantilesOf } from './counted-values.ts'

export interface OutliersOptions {
  /** How many times the distance of the quartiles is still no outlier. Default 1.5. */
  readonly factor?: number
  /** 'clip': an outlier becomes the nearest value that is none; 'missing': it becomes missing. Default 'clip'. */
  readonly action?: 'clip' | 'missing'
}
export interface OutliersSpec extends TransformerSpec {
  readonly kind: 'outliers'
}
export interface Outliers extends Bounds {
  readonly kind: 'outliers'
}

const rules: OptionRules<Required<OutliersOptions>> = {
  factor: numberOption(1.5, { min: 0 }),
  action: choiceOption('clip', ['clip', 'missing']),
}

/**
 * Values of numeric columns below q25 − factor × (q75 − q25) or above q75 + factor × (q75 − q25) are outliers (Tukey
 * 1977). Missing stays missing. Throws a RangeError for wrong options and, in the fit, for a column without values.
 */
export const outliers = (options: OutliersOptions = {}): OutliersSpec => makeSpec('outliers', rules, options)

export const outliersKind: TransformerKind<Outliers, OutliersSpec> = {
  ...boundsKind<Outliers>(),
  kind: 'outliers',
  fit(spec, data) {
    const { factor, action } = resolveOptions('outliers', rules, spec.options)
    const columns = requireKinds('outliers', data.frame, ['numeric'])
    const quartiles = columns.map((name) => {
      const present = presentValues('outliers', name, numbersOf(data.frame, name), data)
      const [first, third] = quantilesOf(present, [0.25, 0.75])
      return { first, third, margin: factor * (third - first) }
    })
    return {
      kind: 'outliers',
      columns,
      lower: Float32Array.from(quartiles, ({ first, margin }) => first - margin),
      upper: Float32Array.from(quartiles, ({ third, margin }) => third + margin),
      toMissing: action === 'missing',
    }
  },
}
