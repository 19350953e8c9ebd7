import { setImmediate } from 'node:timers/promises'
import type { LakeColumn, LakeColumns } from '../../ports/lake.ts'
import type { OnlineRow, OnlineStore, WriteOptions } from '../../ports/online-store.ts'
import type { FeatureValue } from './on-demand.ts'
import { onlineKey } from './online-key.ts'

/**
 * Rows per write: one write is one transaction and runs on the event loop. Rows come in the order of their keys, which
 * a store that is a tree takes several times faster than any other.
 */
const batch = 5_000

/** What the columns are: the keys, the event time unless all have one, the time of creation if there is one, values. */
export interface ColumnLayout {
  keys: number
  eventTime?: number
  created?: boolean
}

/** Writes columns to a table of the online store; rows with a null in their key belong to nobody. */
export async function writeColumns(
  online: OnlineStore,
  table: string,
  { rows, columns }: LakeColumns,
  { layout, signal, ...options }: WriteOptions & { layout: ColumnLayout; signal?: AbortSignal },
): Promise<void> {
  const { eventTime: shared } = layout
  const readers = columns.map(readerOf)
  const keys = readers.splice(0, layout.keys)
  const timeOf = shared === undefined ? readers.shift() : () => shared
  const createdOf = layout.created ? readers.shift() : undefined
  if (!timeOf) throw new TypeError('Rows without an event time cannot be written')
  for (let start = 0; start < rows; start += batch) {
    const written: OnlineRow[] = []
    for (let row = start; row < Math.min(rows, start + batch); row++) {
      const key = onlineKey(keys.map((valueAt) => valueAt(row)))
      if (key === undefined) continue
      const values = readers.map((valueAt) => valueAt(row))
      const eventTime = timeOf(row) as number
      if (createdOf) written.push({ key, eventTime, values, created: createdOf(row) as number | null })
      else written.push({ key, eventTime, values })
    }
    await online.write(table, written, options)
    // The embedded store writes on this thread: requests have their turn between batches.
    await setImmediate()
    signal?.throwIfAborted()
  }
}

function readerOf(column: LakeColumn): (row: number) => FeatureValue {
  if (column.kind === 'string') {
    return (row) => (column.codes[row] < 0 ? null : column.dictionary[column.codes[row]])
  }
  const { values, kind } = column
  return (row) => (Number.isNaN(values[row]) ? null : kind === 'boolean' ? values[row] !== 0 : values[row])
}
