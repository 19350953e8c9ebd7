import { flagOption, makeSpec, type OptionRules, resolveOptions } from '../options.ts'
import type { TransformerKind, TransformerSpec } from '../transformer.ts'
import { numbersOf, presentValues, requireKinds } from './columns.ts'
import { rangeOption } from './option-rules.ts'
import { type Scaling, scalingKind, toScale } from './scaling.ts'

export interface MinMaxScaleOptions {
  /** What the least and the greatest value of the training become. Default [0, 1]. */
  readonly featureRange?: readonly [number, number]
  /** Whether values beyond those of the training end at the range. Default false. */
  readonly clip?: boolean
}
export interface MinMaxScaleSpec extends TransformerSpec {
  readonly kind: 'minMaxScale'
}
export interface MinMaxScale extends Scaling {
  readonly kind: 'minMaxScale'
}

const rules: OptionRules<Required<MinMaxScaleOptions>> = {
  featureRange: rangeOption([0, 1]),
  clip: flagOption(false),
}

/**
 * (x − min) / (max − min) × (high − low) + low of numeric columns, as scikit-learn's MinMaxScaler. Missing stays
 * missing; a constant column becomes `low`. Throws a RangeError for wrong options and, in the fit, for a column
 * without values.
 */
export const minMaxScale = (options: MinMaxScaleOptions = {}): MinMaxScaleSpec =>
  makeSpec('minMaxScale', rules, options)

export const minMaxScaleKind: TransformerKind<MinMaxScale, MinMaxScaleSpec> = {
  ...scalingKind<MinMaxScale>(),
  kind: 'minMaxScale',
  fit(spec, data) {
    const { featureRange, clip } = resolveOptions('minMaxScale', rules, spec.options)
    const [low, high] = featureRange
    const columns = requireKinds('minMaxScale', data.frame, ['numeric'])
    const bounds = columns.map((name) => {
      const { values } = presentValues('minMaxScale', name, numbersOf(data.frame, name), data)
      return values.reduce(
        ({ min, max }, value) => ({ min: Math.min(min, value), max: Math.max(max, value) }),
        { min: Infinity, max: -Infinity },
      )
    })
    return {
      kind: 'minMaxScale',
      columns,
      center: Float32Array.from(bounds, ({ min }) => min),
      scale: toScale(bounds.map(({ min, max }) => (max - min) / (high - low))),
      ...(low !== 0 && { offset: low }),
      ...(clip && { limits: featureRange }),
    }
  },
}
