import type { TransformerKind } from './transformer.ts'
import { binningKind } from './transformers/binning.ts'
import { clipKind } from './transformers/clip.ts'
import { datePartsKind } from './transformers/date-parts.ts'
import { hashKind } from './transformers/hash.ts'
import { imputeKind } from './transformers/impute.ts'
import { interactionsKind } from './transformers/interactions.ts'
import { log1pKind } from './transformers/log1p.ts'
import { minMaxScaleKind } from './transformers/min-max-scale.ts'
import { oneHotKind } from './transformers/one-hot.ts'
import { ordinalKind } from './transformers/ordinal.ts'
import { outliersKind } from './transformers/outliers.ts'
import { quantileTransformKind } from './transformers/quantile-transform.ts'
import { robustScaleKind } from './transformers/robust-scale.ts'
import { standardScaleKind } from './transformers/standard-scale.ts'
import { targetEncodeKind } from './transformers/target-encode.ts'

const kinds: readonly TransformerKind[] = [
  imputeKind,
  standardScaleKind,
  minMaxScaleKind,
  robustScaleKind,
  quantileTransformKind,
  log1pKind,
  clipKind,
  outliersKind,
  binningKind,
  oneHotKind,
  ordinalKind,
  targetEncodeKind,
  hashKind,
  datePartsKind,
  interactionsKind,
]

/** Every transformer, by kind. */
export const transformerKinds: ReadonlyMap<string, TransformerKind> = new Map(
  kinds.map((kind) => [kind.kind, kind]),
)

/** Throws a RangeError that lists the kinds there are. */
export const getTransformerKind = (kind: string): TransformerKind => {
  const found = transformerKinds.get(kind)
  if (!found)
    throw new RangeError(
      `there is no transformer '${kind}'; there are ${[...transformerKinds.keys()].join(', ')}`,
    )
  return found
}
