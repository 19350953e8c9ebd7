import type { SplitDefinition } from '@millrace/protocol'
import { type Duration, parseDuration } from './duration.ts'

export const memberNames = ['train', 'validation', 'test'] as const
/** What a part of a training set is for. */
export type MemberName = (typeof memberNames)[number]

/** Shares of the rows, together 1. */
interface Shares {
  train: number
  validation?: number
  test?: number
}

/** How a training set is divided. The same definition and rows always give the same members. */
export type Split =
  /** By a hash of key, time and request: equal rows stay together, and a row stays where it is when others come. */
  | (Shares & { by: 'random'; seed?: number })
  /** As random, but every value of a column in the same shares. Default: the label. */
  | (Shares & { by: 'stratified'; column?: string; seed?: number })
  /** Rows with the same values in these columns stay together, a customer's for one. */
  | (Shares & { by: 'group'; columns: readonly string[]; seed?: number })
  /**
   * By time: train is earliest. Rows nearer than the gap to the beginning of the next member are in none. Default: the
   * time that the label looks ahead, so that no label tells of the next member.
   */
  | (Shares & { by: 'time'; gap?: Duration })

/** @throws TypeError for shares that do not add up to 1, a bad gap, or nothing to stratify by */
export function compileSplit(
  split: Split,
  { owner, label }: { owner: string; label?: { name: string; windowMs?: number } },
): SplitDefinition {
  const { train, validation, test } = split
  const shares = {
    train,
    ...(validation !== undefined && { validation }),
    ...(test !== undefined && { test }),
  }
  const all: number[] = Object.values(shares)
  if (all.length < 2 || all.some((share) => !(share > 0 && share < 1)) || Math.abs(sum(all) - 1) > 1e-9)
    throw new TypeError(
      `${owner}: a split needs train and validation or test, shares that add up to 1; got ${JSON.stringify(shares)}`,
    )
  if (split.by === 'time') {
    const gapMs = split.gap === undefined ? (label?.windowMs ?? 0) : parseDuration(split.gap, `${owner}: gap`)
    return { by: 'time', shares, gapMs }
  }
  const seed = split.seed ?? 0
  if (!Number.isSafeInteger(seed))
    throw new TypeError(`${owner}: the seed must be a whole number, got ${seed}`)
  if (split.by === 'random') return { by: 'random', shares, seed }
  if (split.by === 'group') return { by: 'group', shares, seed, columns: [...split.columns] }
  const column = split.column ?? label?.name
  if (column === undefined) throw new TypeError(`${owner}: name the column to stratify by, there is no label`)
  return { by: 'stratified', shares, seed, column }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
