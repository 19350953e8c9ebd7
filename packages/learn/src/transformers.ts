import type { TransformerKind } from './transformer.ts'
import { standardScaleKind } from './transformers/standard-scale.ts'

const kinds: readonly TransformerKind[] = [standardScaleKind]

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
