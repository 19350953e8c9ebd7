import { groupKFoldKind, stratifiedGroupKFoldKind } from './group-k-fold.ts'
import { holdOutKind, stratifiedHoldOutKind } from './hold-out.ts'
import { kFoldKind, stratifiedKFoldKind } from './k-fold.ts'
import type { Split, SplitKind, SplitRows, SplitSpec } from './split.ts'
import { timeSeriesSplitKind } from './time-series-split.ts'

const kinds: ReadonlyMap<string, SplitKind> = new Map(
  [
    holdOutKind,
    stratifiedHoldOutKind,
    kFoldKind,
    stratifiedKFoldKind,
    groupKFoldKind,
    stratifiedGroupKFoldKind,
    timeSeriesSplitKind,
  ].map((kind) => [kind.kind, kind]),
)

/**
 * Splits rows as the specification says. Throws a RangeError for a kind that there is not, wrong options, and rows
 * that cannot be split so; a TypeError if what the kind needs (classes, groups) is missing.
 */
export const makeSplits = (spec: SplitSpec, rows: SplitRows): Split[] => {
  const kind = kinds.get(spec.kind)
  if (!kind)
    throw new RangeError(`there is no split '${spec.kind}'; there are ${[...kinds.keys()].join(', ')}`)
  for (const [what, values] of Object.entries({ classes: rows.codes, groups: rows.groups }))
    if (values && values.length !== rows.rows)
      throw new RangeError(`there are ${values.length} ${what} for ${rows.rows} rows; they must be equal`)
  return kind.split(spec.options, rows)
}
