import { createHash, hash } from 'node:crypto'
import type { Database } from '../../../ports/database.ts'
import type { ObjectStore } from '../../../ports/object-store.ts'
import type { PieceLocation } from './blob.ts'
import { addMd5s, type BlobTables, findBlobs, listPieces } from './blob-tables.ts'
import { readPieces } from './pack-reader.ts'

interface Deps {
  db: Database
  objects: ObjectStore
}

/**
 * MD5 by digest, of those blobs that are there. Only DVC needs it: where no client of DVC has sent a blob, it is taken
 * from the bytes when it is asked for first, and kept.
 */
export async function md5sOf(deps: Deps, digests: readonly string[]): Promise<Map<string, string>> {
  const found = [...(await findBlobs(deps.db.tables<BlobTables>(), digests)).values()]
  const known = new Map(found.flatMap(({ digest, md5 }) => (md5 === undefined ? [] : [[digest, md5]])))
  const unknown = found.filter(({ md5 }) => md5 === undefined)
  if (unknown.length === 0) return known
  const taken = await md5sOfPieces(
    deps,
    unknown.flatMap(({ location }) => location ?? []),
  )
  for (const { digest, location } of unknown) if (!location) taken.push(await md5OfComposite(deps, digest))
  await deps.db.transaction<BlobTables, void>((trx) => addMd5s(deps.db, trx, taken))
  for (const { digest, md5 } of taken) known.set(digest, md5)
  return known
}

async function md5sOfPieces(deps: Deps, pieces: readonly PieceLocation[]) {
  const sorted = [...pieces].sort((a, b) => compare(a.pack, b.pack) || a.start - b.start)
  const taken: { digest: string; md5: string }[] = []
  for await (const bytes of readPieces(deps, sorted)) {
    // Each chunk is some whole pieces.
    for (let at = 0; taken.length < sorted.length; ) {
      const { digest, size } = sorted[taken.length]
      if (at + size > bytes.byteLength) break
      taken.push({ digest, md5: hash('md5', bytes.subarray(at, at + size)) })
      at += size
    }
  }
  return taken
}

async function md5OfComposite(deps: Deps, digest: string) {
  const md5 = createHash('md5')
  const pieces = await listPieces(deps.db.tables<BlobTables>(), digest)
  for await (const bytes of readPieces(deps, pieces)) md5.update(bytes)
  return { digest, md5: md5.digest('hex') }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
