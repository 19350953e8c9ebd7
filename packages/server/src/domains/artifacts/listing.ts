import type { ObjectStore } from '../../ports/object-store.ts'
import type { Artifact, ArtifactEntry } from './artifact.ts'
import { artifactFromRow, findCurrent } from './current.ts'
import { type ArtifactRow, type Db, listRows, type PathRange, rangeOf } from './store.ts'
import { listWrites } from './write-store.ts'

const mostEntries = 1000

export interface ListPage {
  /** The `next` of the page before. */
  after?: string
  /** Most entries, at most 1,000, which is the default. */
  limit?: number
}

interface Stores {
  db: Db
  objects: ObjectStore
}

/** One level of a folder, in the order of the paths beneath, so a folder comes where its files would. */
export async function listLevel(stores: Stores, folder: string, page: ListPage) {
  const bounds = rangeOf(folder)
  const limit = Math.min(page.limit ?? mostEntries, mostEntries)
  const found: (ArtifactRow | string)[] = []
  let cursor: PathRange = startOf(bounds, page.after)
  while (found.length <= limit) {
    const wanted = limit + 1 - found.length
    const rows = await listRows(stores.db, cursor, wanted)
    let within: string | undefined
    for (const row of rows) {
      if (within !== undefined && row.path.startsWith(within)) continue
      const rest = row.path.slice(bounds.from.length)
      const slash = rest.indexOf('/')
      within = slash < 0 ? undefined : bounds.from + rest.slice(0, slash + 1)
      found.push(within ?? row)
    }
    const last = rows.at(-1)
    if (rows.length < wanted || !last) break
    // The rest of a folder that has been seen is jumped over, however many files it holds.
    cursor = within === undefined ? { after: last.path, to: bounds.to } : startOf(bounds, within)
  }
  const items = await entries(stores, found.slice(0, limit))
  return found.length > limit ? { items, next: placeOf(found[limit - 1]) } : { items }
}

export async function listTree(stores: Stores, folder: string, page: ListPage) {
  const limit = Math.min(page.limit ?? mostEntries, mostEntries)
  const bounds = rangeOf(folder)
  const rows = await listRows(
    stores.db,
    page.after === undefined ? bounds : { after: page.after, ...bounds },
    limit + 1,
  )
  const items = await trusted(stores, rows.slice(0, limit))
  return rows.length > limit ? { items, next: rows[limit - 1]?.path } : { items }
}

/** A folder's place ends with a slash: one goes on after all that is in it. */
function startOf(bounds: { from: string; to?: string }, after: string | undefined): PathRange {
  if (after === undefined || after < bounds.from) return bounds
  return after.endsWith('/') ? { from: `${after.slice(0, -1)}0`, to: bounds.to } : { after, to: bounds.to }
}

function placeOf(entry: ArtifactRow | string | undefined): string | undefined {
  return typeof entry === 'string' ? entry : entry?.path
}

async function entries(stores: Stores, found: readonly (ArtifactRow | string)[]): Promise<ArtifactEntry[]> {
  const files = await trusted(
    stores,
    found.filter((entry) => typeof entry !== 'string'),
  )
  const byPath = new Map(files.map((file) => [file.path, file]))
  return found.flatMap((entry): ArtifactEntry[] => {
    if (typeof entry === 'string') return [{ kind: 'folder', path: entry.slice(0, -1) }]
    const file = byPath.get(entry.path)
    return file ? [{ kind: 'file', ...file }] : []
  })
}

/** The artifacts of rows; those of which a write did not end in peace are checked against their objects. */
async function trusted(stores: Stores, rows: readonly ArtifactRow[]): Promise<Artifact[]> {
  const [first, last] = [rows[0], rows.at(-1)]
  if (!first || !last) return []
  const writes = await listWrites(stores.db, { from: first.path, to: `${last.path}0` })
  const artifacts: Artifact[] = []
  for (const row of rows) {
    const suspect = row.version === null || writes.has(row.path)
    const artifact = suspect ? (await findCurrent(stores, row.path))?.artifact : artifactFromRow(row)
    if (artifact) artifacts.push(artifact)
  }
  return artifacts
}
