import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { sha256 } from '../../kernel/hash.ts'
import { newId } from '../../kernel/ids.ts'
import type { Database } from '../../ports/database.ts'
import type { ObjectStore } from '../../ports/object-store.ts'
import { type Artifact, boundsOf } from './artifact.ts'
import { artifactKey, checkArtifactFolder, checkArtifactPath } from './artifact-path.ts'
import { type BodyFacts, measured, started } from './body.ts'
import { type CurrentArtifact, findCurrent, isReplaced, patience } from './current.ts'
import { listLevel, listTree } from './listing.ts'
import type { ArtifactFiles } from './service.ts'
import { type ArtifactTables, deleteRows, findRow, listRows, rangeOf } from './store.ts'
import { beginWrite, cancelWrite, endWrite, findSeal, refuseSealed } from './write-store.ts'

export interface ArtifactDeps {
  db: Database
  objects: ObjectStore
  clock: Clock
  /** Most bytes of one file; without it only the store limits. */
  maxBytes?: number
}

const pageSize = 500

/** The files themselves; see {@link ArtifactFiles}. */
export function createArtifactFiles({
  db,
  objects,
  clock,
  maxBytes = Number.POSITIVE_INFINITY,
}: ArtifactDeps): ArtifactFiles {
  const tables = () => db.tables<ArtifactTables>()
  const current = (path: string) => findCurrent({ db: tables(), objects }, path)

  /** What is there already, if it has these bytes. @throws `artifact.exists` if it has others and must keep them */
  async function findSame(path: string, digest: string, overwrite: boolean): Promise<Artifact | undefined> {
    const existing = await current(path)
    if (existing?.artifact.digest === digest) return existing.artifact
    if (existing && !overwrite) throw fail('artifact.exists', { path })
    return undefined
  }

  return {
    limit: maxBytes,
    async put(path, body, options = {}) {
      checkArtifactPath(path)
      const limit = Math.min(options.limit ?? maxBytes, maxBytes)
      const { overwrite = true } = options
      if (body instanceof Uint8Array && body.byteLength > limit) {
        throw fail('artifact.too_large', { path, limit })
      }
      const same = body instanceof Uint8Array && (await findSame(path, sha256(body), overwrite))
      if (same) return same
      // What may be the same bytes again is known at their end only.
      if (!(await findRow(tables(), path))) await refuseSealed(tables(), path)
      const write = { path, id: newId('write', clock.now()) }
      let facts: BodyFacts | undefined
      const source = measured(body, { path, limit }, async (measure) => {
        facts = measure
        const existing = await findSame(path, measure.digest, overwrite)
        if (existing) throw new AlreadyThere(existing)
        await db.transaction<ArtifactTables, void>((trx) =>
          beginWrite(trx, write, clock.now(), { alone: !overwrite }),
        )
      })
      try {
        const { version } = await objects.put(artifactKey(path), source)
        const artifact = { path, ...(facts as unknown as BodyFacts), createdAt: clock.now() }
        const { digest, size, createdAt } = artifact
        await db.transaction<ArtifactTables, void>((trx) =>
          endWrite(trx, write, { path, digest, size, version, created_at: createdAt }),
        )
        return artifact
      } catch (error) {
        if (error instanceof AlreadyThere) return error.artifact
        if (facts) await cancelWrite(tables(), write)
        throw error
      }
    },
    async get(path, { range } = {}) {
      checkArtifactPath(path)
      for (let attempt = 0; attempt < patience; attempt++) {
        const found = await current(path)
        if (!found) throw fail('artifact.not_found', { path })
        const bounds = boundsOf(found.artifact, range)
        try {
          return { artifact: found.artifact, range: bounds, body: await open(found, range && bounds) }
        } catch (error) {
          if (!isReplaced(error)) throw error
        }
      }
      throw fail('storage.conflict', { what: `Artifact "${path}"` })
    },
    async find(path) {
      checkArtifactPath(path)
      return (await current(path))?.artifact
    },
    async list(folder, page = {}) {
      checkArtifactFolder(folder)
      return listLevel({ db: tables(), objects }, folder, page)
    },
    async listTree(folder, page = {}) {
      checkArtifactFolder(folder)
      return listTree({ db: tables(), objects }, folder, page)
    },
    async delete(path) {
      checkArtifactPath(path)
      const total = { files: 0, bytes: 0 }
      const remove = async (within: { from: string; to?: string; only?: boolean }) => {
        for (;;) {
          const rows = await db.transaction<ArtifactTables, { path: string; size: number }[]>(async (trx) => {
            const seal = await findSeal(trx, path)
            if (seal) throw fail('artifact.sealed', { path, ...seal })
            const page = await listRows(trx, within, pageSize)
            if (page.length > 0) {
              await deleteRows(
                trx,
                page.map((row) => row.path),
              )
            }
            return page
          })
          // A crash here leaves objects without rows, which nobody sees and the next collection of garbage removes.
          for (const row of rows) await objects.delete(artifactKey(row.path))
          total.files += rows.length
          total.bytes += rows.reduce((sum, row) => sum + row.size, 0)
          if (rows.length < pageSize) return
        }
      }
      // U+0000 is in no path: nothing else lies in between.
      await remove({ from: path, to: `${path} ` })
      await remove(rangeOf(path))
      return total
    },
  }

  async function open({ object }: CurrentArtifact, range?: { start: number; end: number }) {
    return started(await objects.get(object.key, range, { version: object.version }))
  }
}

/** Ends a put from within: the same bytes are there. */
class AlreadyThere extends Error {
  readonly artifact: Artifact
  constructor(artifact: Artifact) {
    super('the artifact has these bytes already')
    this.artifact = artifact
  }
}
