import type { TransformerKind } from './transformer.ts'

/** Every transformer, by kind. */
export const transformerKinds: ReadonlyMap<string, TransformerKind> = new Map<string, TransformerKind>()

/** Throws a RangeError that lists the kinds there are. */
export const getTransformerKind = (kind: string): TransformerKind => {
  const found = transformerKinds.get(kind)
  if (!found)
    throw new RangeError(
      `there is no transformer '${kind}'; there are ${[...transformerKinds.keys()].join(', ')}`,
    )
  return found
}
