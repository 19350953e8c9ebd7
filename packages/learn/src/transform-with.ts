import type { Frame } from './frame.ts'
import type { FitData } from './learner.ts'
import { takeRows } from './take-rows.ts'
import type { FittedTransformer, TransformerSpec } from './transformer.ts'
import { getTransformerKind } from './transformers.ts'

/** Rows of weight 0 are not there. */
const weighedData = (data: FitData): FitData => {
  const { weights } = data
  return weights?.includes(0)
    ? takeRows(
        data,
        Array.from(weights.keys()).filter((row) => weights[row] > 0),
      )
    : data
}

/**
 * Fits a transformer and transforms the rows that it was fitted to: as `transform` does, or, for target encoding, out
 * of fold. Throws as the transformer does.
 */
export const fitTransform = (
  spec: TransformerSpec,
  data: FitData,
): { readonly fitted: FittedTransformer; readonly frame: Frame } => {
  const kind = getTransformerKind(spec.kind)
  if (kind.fitTransform) return kind.fitTransform(spec, data)
  const fitted = kind.fit(spec, weighedData(data))
  return { fitted, frame: kind.transform(fitted, data.frame) }
}

/** The transformed columns; those that go in and do not come out are gone. Throws as the transformer does. */
export const transform = (fitted: FittedTransformer, frame: Frame): Frame =>
  getTransformerKind(fitted.kind).transform(fitted, frame)
