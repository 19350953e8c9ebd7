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
  /** Of the spine's times. */
  range: TimeRange
  views: readonly PointInTimeView[]
  options: LakeOptions
}

/**
 * Looks up the newest rows of the views that have `last` features, each into a table of its own.
 * @returns `known`: a table with a row per row of the spine, which it names by `place$`, its `rowid`, with the moment
 *   `known$<i>` of each view's newest row; `rows`: by place of the view, the table of its rows at these moments.
 *   Undefined if no view has such features.
 */
export async function findNewest(
  input: NewestInput,
): Promise<{ known: string; rows: Map<number, string> } | undefined> {
  const views = [...input.views.entries()].filter(([, { plan }]) => plan.last.length > 0)
  if (views.length === 0) return undefined
  const { lake, tables, spine, range, options } = input
  const time = quoteName(input.timestamp)
  const keys = [...new Set(views.flatMap(([, { plan }]) => Object.keys(plan.keys).map(quoteName)))]
  // What the spine carries along stays where it is: only this table goes through all the lookups.
  const carried = [...new Set([...keys, time])].join(', ')
  let known = await tables.make('known', `SELECT rowid AS place$, ${carried} FROM ${spine}`)
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
  return { known, rows }
}
