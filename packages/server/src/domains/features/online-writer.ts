import { setImmediate } from 'node:timers/promises'
import type { LakeColumn, LakeColumns } from '../../ports/lake.ts'
import { createRowPacker } from '../../ports/online-columns.ts'
import type { OnlineRow, OnlineStore, WriteOptions } from '../../ports/online-store.ts'

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
  const given = [...columns]
  const keyOf = keyReader(given.splice(0, layout.keys))
  const times = shared === undefined ? numbersOf(given.shift()) : undefined
  const created = layout.created ? numbersOf(given.shift()) : undefined
  const pack = createRowPacker(given, created)
  for (let start = 0; start < rows; start += batch) {
    const written: OnlineRow[] = []
    for (let row = start; row < Math.min(rows, start + batch); row++) {
      const key = keyOf(row)
      if (key === undefined) continue
      written.push({ key, eventTime: times ? times[row] : (shared ?? 0), content: pack(row) })
    }
    await online.write(table, written, options)
    // The embedded store writes on this thread: requests have their turn between batches.
    await setImmediate()
    signal?.throwIfAborted()
  }
}

/** The keys of rows as `onlineKey` gives them, which is JSON. */
function keyReader(columns: readonly LakeColumn[]): (row: number) => string | undefined {
  const parts = columns.map(partReader)
  const [first] = parts
  if (parts.length === 1) {
    return (row) => {
      const part = first(row)
      return part === undefined ? undefined : `[${part}]`
    }
  }
  return (row) => {
    const texts = parts.map((partAt) => partAt(row))
    return texts.includes(undefined) ? undefined : `[${texts.join(',')}]`
  }
}

function partReader(column: LakeColumn): (row: number) => string | undefined {
  if (column.kind === 'string') {
    const { codes, dictionary } = column
    return (row) => (codes[row] < 0 ? undefined : JSON.stringify(dictionary[codes[row]]))
  }
  const { values, kind } = column
  return (row) => {
    const value = values[row]
    if (Number.isNaN(value)) return undefined
    return kind === 'boolean' ? String(value !== 0) : String(value)
  }
}

function numbersOf(column: LakeColumn | undefined): Float64Array {
  if (!column || column.kind === 'string') throw new TypeError('Rows without a time cannot be written')
  return column.values
}
