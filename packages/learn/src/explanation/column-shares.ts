import type { FittedGroup } from '../pipeline/model.ts'
import { getTransformerKind } from '../transformers.ts'

/** Which part of a column comes from which others; the parts sum to 1. */
type Shares = ReadonlyMap<string, number>

/** A column that is made of several belongs to each of them equally, a square twice to the same one. */
const mix = (origins: readonly string[], before: ReadonlyMap<string, Shares>): Shares => {
  const mixed = new Map<string, number>()
  for (const origin of origins)
    for (const [name, share] of before.get(origin) ?? [])
      mixed.set(name, (mixed.get(name) ?? 0) + share / origins.length)
  return mixed
}

const sharesOfGroup = ({ columns, steps }: FittedGroup): ReadonlyMap<string, Shares> =>
  steps.reduce<ReadonlyMap<string, Shares>>(
    (before, step) => {
      const origins = getTransformerKind(step.kind).origins?.(step)
      return origins ? new Map([...origins].map(([name, made]) => [name, mix(made, before)])) : before
    },
    new Map(columns.map((name) => [name, new Map([[name, 1]])])),
  )

const found = new WeakMap<readonly FittedGroup[], ReadonlyMap<string, Shares>>()

/**
 * Where each column that a pipeline's learner gets comes from, among the columns that the pipeline takes. Remembered:
 * servers explain one row at a time, and one-hot columns are many.
 */
export const columnShares = (groups: readonly FittedGroup[]): ReadonlyMap<string, Shares> => {
  const known = found.get(groups)
  if (known) return known
  const shares = new Map(groups.flatMap((group) => [...sharesOfGroup(group)]))
  found.set(groups, shares)
  return shares
}
