import { join } from 'node:path'
import { fail } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import { columnsOfDataset } from '../definitions/index.ts'
import type { BaseParts } from './base-parts.ts'
import type { IngestDeps, Ingestion } from './ingestion.ts'
import { partsRelation, writePart } from './part.ts'

/** Parts of about one size that stay on their own; and what "about" means. */
const mostAlike = 32
/** Larger parts stay as they are: a row group of the lake. */
const largeRows = 122_880

/**
 * Writes parts together where there are too many small ones, as one that is sorted by event time again and stands where
 * the first of them stood. Parts of about one size make one of the next size, so a row is written a few times at most.
 */
export async function compactParts(
  { lake }: Pick<IngestDeps, 'lake'>,
  { definition, scratch, signal, onProgress }: Ingestion,
  base: BaseParts,
): Promise<BaseParts & { isCompacted: boolean }> {
  const places = findAlike(base.parts.map(({ rows }) => rows))
  if (places.length === 0) return { ...base, isCompacted: false }
  onProgress?.({ fraction: 0.4, message: `writing ${places.length} small parts as one` })
  const files = places.map((place) => base.files[place])
  const names = Object.keys(columnsOfDataset(definition)).map(quoteName)
  const order = [definition.timestamp, ...Object.keys(definition.schema)].map(quoteName)
  const query = `SELECT ${names.join(', ')} FROM ${partsRelation(files)} ORDER BY ${order.join(', ')}`
  const path = join(scratch, 'compacted.parquet')
  const part = await writePart(lake, { query, path, timestamp: definition.timestamp }, { signal })
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  if (part?.rows !== rows)
    throw fail('storage.conflict', { what: `The parts of dataset "${definition.name}"` })
  const [first] = places
  const gone = new Set(places)
  const replace = <Item>(items: readonly Item[], item: Item) =>
    items.flatMap((one, place) => (place === first ? [item] : gone.has(place) ? [] : [one]))
  const digests = new Set(places.map((place) => base.parts[place].digest))
  const from = places.flatMap((place) => {
    const { digest } = base.parts[place]
    // What was only on the way to this part was in no version.
    return base.written.find((one) => one.part.digest === digest)?.from ?? [digest]
  })
  return {
    parts: replace(base.parts, part),
    files: replace(base.files, { path, rows }),
    written: [...base.written.filter((one) => !digests.has(one.part.digest)), { from, part, path }],
    isCompacted: true,
  }
}

/** Places of parts of one size, if there are too many of them: of the smallest such size; else none. */
export function findAlike(rows: readonly number[]): number[] {
  const bySize = new Map<number, number[]>()
  for (const [place, count] of rows.entries()) {
    if (count >= largeRows) continue
    const size = Math.floor(Math.log2(count) / Math.log2(mostAlike))
    bySize.set(size, [...(bySize.get(size) ?? []), place])
  }
  const [smallest] = [...bySize].filter(([, places]) => places.length > mostAlike).sort(([a], [b]) => a - b)
  return smallest?.[1] ?? []
}
