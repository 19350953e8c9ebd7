import { flagOption, makeSpec, type OptionRules, resolveOptions } from '../options.ts'
import type { TransformerKind, TransformerSpec } from '../transformer.ts'
import { numbersOf, presentValues, requireKinds } from './columns.ts'
import { findMoments } from './moments.ts'
import { type Scaling, scalingKind, toScale } from './scaling.ts'

export interface StandardScaleOptions {
  /** Subtract the mean. Default true. */
  readonly withMean?: boolean
  /** Divide by the standard deviation. Default true. */
  readonly withStd?: boolean
}
export interface StandardScaleSpec extends TransformerSpec {
  readonly kind: 'standardScale'
}
export interface StandardScale extends Scaling {
  readonly kind: 'standardScale'
}

const rules: OptionRules<Required<StandardScaleOptions>> = {
  withMean: flagOption(true),
  withStd: flagOption(true),
}

/**
 * (x − mean) / standard deviation of numeric columns (of the rows themselves, not an estimate: divided by n), as
 * scikit-learn's StandardScaler. Missing stays missing; a constant column is not divided. Throws a RangeError for
 * wrong options and, in the fit, for a column without values.
 */
export const standardScale = (options: StandardScaleOptions = {}): StandardScaleSpec =>
  makeSpec('standardScale', rules, options)

export const standardScaleKind: TransformerKind<StandardScale, StandardScaleSpec> = {
  ...scalingKind<StandardScale>(),
  kind: 'standardScale',
  fit(spec, data) {
    const { withMean, withStd } = resolveOptions('standardScale', rules, spec.options)
    const columns = requireKinds('standardScale', data.frame, ['numeric'])
    const moments = columns.map((name) =>
      findMoments(presentValues('standardScale', name, numbersOf(data.frame, name), data)),
    )
    return {
      kind: 'standardScale',
      columns,
      center: withMean ? Float32Array.from(moments, ({ mean }) => mean) : null,
      scale: withStd ? toScale(moments.map(({ deviation }) => deviation)) : null,
    }
  },
}
