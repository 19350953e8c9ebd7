import { join } from 'node:path'
import { fail } from '@millrace/protocol'
import { evolvedQuery } from './evolution.ts'
import type { Addition } from './ingest-append.ts'
import type { IngestDeps, Ingestion } from './ingestion.ts'
import { openParts, type Part, type PartFile, writePart } from './part.ts'

/** The parts that a version goes on with. */
export interface BaseParts {
  parts: Part[]
  files: PartFile[]
  /** Parts that were written anew: each with those of the version before whose place it takes. */
  written: { from: string[]; part: Part; path: string }[]
}

/** Opens the parts of the version that is appended to; where columns have changed, writes its rows with the new ones. */
export async function openBase(
  { content, lake }: Pick<IngestDeps, 'content' | 'lake'>,
  { definition, scratch, signal, onProgress }: Ingestion,
  base: Addition['base'],
): Promise<BaseParts> {
  if (!base) return { parts: [], files: [], written: [] }
  const opened = await openParts(content, base.parts)
  const { evolution, parts } = base
  if (!evolution)
    return { parts, files: parts.map(({ rows }, i) => ({ path: opened[i], rows })), written: [] }
  const written: BaseParts['written'] = []
  for (const [i, { digest: from, rows }] of parts.entries()) {
    onProgress?.({ fraction: 0.05, message: `writing part ${i + 1} of ${parts.length} with its new columns` })
    const path = join(scratch, `evolved-${i}.parquet`)
    const query = evolvedQuery(definition, evolution, opened[i])
    const part = await writePart(lake, { query, path, timestamp: definition.timestamp }, { signal })
    if (part?.rows !== rows) throw fail('storage.conflict', { what: `The part ${from}` })
    written.push({ from: [from], part, path })
  }
  return {
    parts: written.map(({ part }) => part),
    files: written.map(({ part: { rows }, path }) => ({ path, rows })),
    written,
  }
}
