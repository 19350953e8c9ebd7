import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { moments, newestRows } from './newest-rows.ts'
import { pruneKeys, pruneNewest, type TimeRange } from './pruned-view.ts'
import type { TemporaryTables } from './temporary-tables.ts'
import { keysEqual } from './view-plan.ts'
import type { PointInTimeView } from './windows.ts'

interface NewestInput {
  lake: Pick<Lake, 'rows'>
  tables: TemporaryTables
  /** Table of the spine. */
  spine: string
  timestamp: string
  /** Columns of the spine that are wanted in the end. */
  columns: readonly string[]
  /** Of the spine's times. */
  range: TimeRange
  views: readonly PointInTimeView[]
  options: LakeOptions
}

export interface NewestTables {
  /** A row per row of the spine, with the moment `known$<i>` of each view's newest row. */
  known: string
  /** Whether `known` has all that the spine had, which is gone; else `place$` is the `rowid` of the spine's row. */
  isWhole: boolean
  /** By place of the view: its rows at these moments. */
  rows: Map<number, string>
}

/** Up to so many columns, times views, carrying them through the lookups is cheaper than one join afterwards. */
const carriedAtMost = 6

/** Looks up the newest rows of the views that have `last` features; undefined if there are none. */
export async function findNewest(input: NewestInput): Promise<NewestTables | undefined> {
  const views = [...input.views.entries()].filter(([, { plan }]) => plan.last.length > 0)
  if (views.length === 0) return undefined
  const { lake, tables, spine, range, options } = input
  const time = quoteName(input.timestamp)
  const needed = new Set([...views.flatMap(([, { plan }]) => Object.keys(plan.keys)), input.timestamp])
  const others = input.columns.filter((name) => !needed.has(name))
  const isWhole = others.length * views.length <= carriedAtMost
  let known = isWhole
    ? spine
    : await tables.make(
        'known',
        `SELECT rowid AS place$, ${[...needed].map(quoteName).join(', ')} FROM ${spine}`,
      )
  for (const [i, view] of views) {
    const pruned = await pruneKeys(lake, pruneNewest(view, range), known, options)
    const next = await tables.make(
      `known${i}`,
      // Sorts keys and times alone.
      `SELECT spine.*, moments.known$ AS known$${i} FROM ${known} AS spine
        ASOF LEFT JOIN (${moments(pruned)}) AS moments
        ON ${keysEqual(view.plan, 'spine', 'moments')} AND spine.${time} >= moments.known$`,
    )
    await tables.drop(known)
    known = next
  }
  const rows = new Map<number, string>()
  for (const [i, view] of views) {
    const sql = newestRows(pruneNewest(view, range), known, `known$${i}`)
    rows.set(i, await tables.make(`rows${i}`, sql))
  }
  return { known, isWhole, rows }
}
