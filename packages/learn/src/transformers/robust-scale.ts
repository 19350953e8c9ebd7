import { normalQuantile } from '../normal.ts'
import { flagOption, makeSpec, type OptionRules, resolveOptions } from '../options.ts'
import type { TransformerKind, TransformerSpec } from '../transformer.ts'
import { numbersOf, presentValues, requireKinds } from './columns.ts'
import { quantilesOf } from './counted-values.ts'
import { rangeOption } from './option-rules.ts'
import { type Scaling, scalingKind, toScale } from './scaling.ts'

export interface RobustScaleOptions {
  /** Subtract the median. Default true. */
  readonly withCentering?: boolean
  /** Divide by the distance of the quantiles. Default true. */
  readonly withScaling?: boolean
  /** The quantiles, in percent. Default [25, 75]. */
  readonly quantileRange?: readonly [number, number]
  /** Whether a normal distribution comes out with a variance of 1. Default false. */
  readonly unitVariance?: boolean
}
export interface RobustScaleSpec extends TransformerSpec {
  readonly kind: 'robustScale'
}
export interface RobustScale extends Scaling {
  readonly kind: 'robustScale'
}

const rules: OptionRules<Required<RobustScaleOptions>> = {
  withCentering: flagOption(true),
  withScaling: flagOption(true),
  quantileRange: rangeOption([25, 75], [0, 100]),
  unitVariance: flagOption(false),
}

/**
 * (x − median) / (q75 − q25) of numeric columns, as scikit-learn's RobustScaler. Missing stays missing; where the
 * quantiles are equal, nothing is divided. Throws a RangeError for wrong options and, in the fit, for a column
 * without values.
 */
export const robustScale = (options: RobustScaleOptions = {}): RobustScaleSpec => {
  const spec = makeSpec('robustScale', rules, options)
  checkVariance(resolveOptions('robustScale', rules, options))
  return spec
}

const checkVariance = ({ quantileRange, unitVariance }: Required<RobustScaleOptions>): void => {
  const [low, high] = quantileRange
  if (unitVariance && (low === 0 || high === 100))
    throw new RangeError(
      `robustScale's quantileRange must be within 0 and 100 for unitVariance, not [${low}, ${high}]`,
    )
}

export const robustScaleKind: TransformerKind<RobustScale, RobustScaleSpec> = {
  ...scalingKind<RobustScale>(),
  kind: 'robustScale',
  fit(spec, data) {
    const options = resolveOptions('robustScale', rules, spec.options)
    checkVariance(options)
    const columns = requireKinds('robustScale', data.frame, ['numeric'])
    const [low, high] = options.quantileRange.map((percent) => percent / 100)
    const unit = options.unitVariance ? normalQuantile(high) - normalQuantile(low) : 1
    const learnt = columns.map((name) => {
      const present = presentValues('robustScale', name, numbersOf(data.frame, name), data)
      const shares = [low, 0.5, high].sort((a, b) => a - b)
      const found = quantilesOf(present, shares)
      const at = (share: number): number => found[shares.indexOf(share)]
      return { median: at(0.5), distance: (at(high) - at(low)) / unit }
    })
    return {
      kind: 'robustScale',
      columns,
      center: options.withCentering ? Float32Array.from(learnt, ({ median }) => median) : null,
      scale: options.withScaling ? toScale(learnt.map(({ distance }) => distance)) : null,
    }
  },
}
