import { setImmediate } from 'node:timers/promises'
import { fail, type Schema } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { OnlineRow, OnlineStore } from '../../ports/online-store.ts'
import { onlineKey, onlineTables } from './online-key.ts'
import { createRowParser, type RequestRow } from './request-row.ts'
import type { ViewPlan } from './view-plan.ts'

const dayMs = 86_400_000
/** Rows of one write. */
const batch = 5000

export interface WrittenValues {
  view: string
  rows: number
  /** Rows that were taken; the others are older than what was there, or have a null key. */
  taken: number
}

/**
 * Writes feature values that were computed elsewhere. A row has the keys, the view's timestamp, and all of its newest-row
 * features, all of its windows, or both; every row has the same ones.
 * @throws `feature.row_invalid`, `feature.push_refused` for a time more than a day ahead
 */
export async function writeValues(
  { online, clock }: { online: OnlineStore; clock: Clock },
  plan: ViewPlan,
  given: readonly RequestRow[],
): Promise<WrittenValues> {
  const tables = onlineTables(plan)
  const parts = [
    { table: tables.last, names: plan.last.map(({ name }) => name) },
    { table: tables.aggregates, names: plan.aggregates.map(({ name }) => name) },
  ].filter(({ names }) => names.some((name) => given.some((row) => name in row)))
  if (parts.length === 0) {
    const names = Object.keys(plan.features).join(', ')
    throw fail('feature.push_refused', { view: plan.name, reason: `they have none of its features ${names}` })
  }
  const schema: Schema = { ...plan.keys, [plan.timestamp]: 'timestamp' }
  for (const name of parts.flatMap(({ names }) => names)) schema[name] = plan.features[name]
  const columns = Object.keys(schema)
  const parse = createRowParser(schema, plan.timestamp)
  const rows = given.map(parse)
  const keys = Object.keys(plan.keys).map((name) => columns.indexOf(name))
  const time = columns.indexOf(plan.timestamp)
  const limit = clock.now() + dayMs
  const late = rows.findIndex((row) => (row[time] as number) > limit)
  if (late >= 0) {
    throw fail('feature.push_refused', {
      view: plan.name,
      reason: `"${plan.timestamp}" of row ${late} is more than a day ahead of the server's clock: no newer row could replace that one`,
    })
  }
  let taken = 0
  for (const { table, names } of parts) {
    const places = names.map((name) => columns.indexOf(name))
    const written = rows.flatMap((row): OnlineRow[] => {
      const key = onlineKey(keys.map((place) => row[place]))
      const values = places.map((place) => row[place])
      return key === undefined ? [] : [{ key, eventTime: row[time] as number, values }]
    })
    let takenHere = 0
    for (let start = 0; start < written.length; start += batch) {
      takenHere += await online.write(table, written.slice(start, start + batch))
      // The embedded store writes on this thread: requests have their turn between batches.
      await setImmediate()
    }
    taken = Math.max(taken, takenHere)
  }
  return { view: plan.name, rows: rows.length, taken }
}
