import type { ColumnKind } from '../frame.ts'
import type { TransformerSpec } from '../transformer.ts'
import { binning } from '../transformers/binning.ts'
import { clip } from '../transformers/clip.ts'
import { dateParts } from '../transformers/date-parts.ts'
import { hash } from '../transformers/hash.ts'
import { impute } from '../transformers/impute.ts'
import { interactions } from '../transformers/interactions.ts'
import { log1p } from '../transformers/log1p.ts'
import { minMaxScale } from '../transformers/min-max-scale.ts'
import { oneHot } from '../transformers/one-hot.ts'
import { ordinal } from '../transformers/ordinal.ts'
import { outliers } from '../transformers/outliers.ts'
import { quantileTransform } from '../transformers/quantile-transform.ts'
import { robustScale } from '../transformers/robust-scale.ts'
import { standardScale } from '../transformers/standard-scale.ts'
import { targetEncode } from '../transformers/target-encode.ts'

/** A transformer and the kinds of columns that it takes. */
export interface TransformerCase {
  readonly spec: TransformerSpec
  readonly kinds: readonly ColumnKind[]
  /** Has logarithms, of which ONNX Runtime may have another last digit. */
  readonly near?: boolean
}
const numeric: readonly ColumnKind[] = ['numeric']
const text: readonly ColumnKind[] = ['categorical']

/** Every transformer, with options that take other ways through it. */
export const transformerCases: readonly TransformerCase[] = [
  { spec: standardScale(), kinds: numeric },
  { spec: standardScale({ withMean: false }), kinds: numeric },
  { spec: minMaxScale({ featureRange: [-1, 2], clip: true }), kinds: numeric },
  { spec: robustScale({ unitVariance: true }), kinds: numeric },
  { spec: quantileTransform({ nQuantiles: 7 }), kinds: numeric },
  { spec: quantileTransform({ outputDistribution: 'normal' }), kinds: numeric, near: true },
  { spec: log1p(), kinds: numeric, near: true },
  { spec: clip({ quantiles: [0.1, 0.8] }), kinds: numeric },
  { spec: clip({ max: 2 }), kinds: numeric },
  { spec: outliers(), kinds: numeric },
  { spec: outliers({ action: 'missing', factor: 0.5 }), kinds: numeric },
  { spec: binning(), kinds: numeric },
  { spec: binning({ strategy: 'uniform', encode: 'ordinal' }), kinds: numeric },
  { spec: binning({ strategy: 'kmeans', encode: 'ordinal' }), kinds: numeric },
  { spec: interactions({ squares: true }), kinds: numeric },
  { spec: impute({ strategy: 'median', addIndicator: true }), kinds: ['numeric', 'timestamp'] },
  {
    spec: impute({ strategy: 'mostFrequent', addIndicator: true }),
    kinds: ['numeric', 'timestamp', 'categorical', 'boolean'],
  },
  { spec: impute({ strategy: 'constant', fillValue: 'none' }), kinds: text },
  { spec: oneHot({ handleUnknown: 'ignore' }), kinds: text },
  { spec: oneHot({ handleUnknown: 'infrequentIfExist', minFrequency: 2, drop: 'first' }), kinds: text },
  { spec: ordinal({ handleUnknown: 'useEncodedValue', unknownValue: -1, maxCategories: 3 }), kinds: text },
  { spec: targetEncode({ cv: 2 }), kinds: text },
  { spec: hash({ nFeatures: 5 }), kinds: text },
  { spec: hash({ nFeatures: 1000, encode: 'ordinal' }), kinds: text },
  {
    spec: dateParts({
      parts: ['year', 'month', 'day', 'dayOfWeek', 'dayOfYear', 'hour', 'minute', 'isWeekend'],
      cyclic: ['month', 'day', 'dayOfWeek', 'dayOfYear', 'hour', 'minute'],
      utcOffsetMinutes: -330,
    }),
    kinds: ['timestamp'],
  },
]
