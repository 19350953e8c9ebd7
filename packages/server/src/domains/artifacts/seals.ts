import { createHash } from 'node:crypto'
import { fail } from '@millrace/protocol'
import type { FolderDigest } from './artifact.ts'
import { checkArtifactPath } from './artifact-path.ts'
import { findCurrent } from './current.ts'
import type { ArtifactDeps } from './files.ts'
import type { ArtifactSeals } from './service.ts'
import { type ArtifactTables, listRows, rangeOf } from './store.ts'
import { addSeal, findSeal, hasWrite, removeSeal } from './write-store.ts'

const pageSize = 256

/** Immutability of folders; see {@link ArtifactSeals}. */
export function createArtifactSeals({ db, objects, clock }: ArtifactDeps): ArtifactSeals {
  const tables = () => db.tables<ArtifactTables>()

  async function digestOf(folder: string): Promise<FolderDigest> {
    checkArtifactPath(folder)
    const { from, to } = rangeOf(folder)
    const hash = createHash('sha256')
    const total = { files: 0, bytes: 0 }
    let after: string | undefined
    do {
      const rows = await listRows(tables(), { from, after, to }, pageSize)
      const found = await Promise.all(rows.map(({ path }) => findCurrent({ db: tables(), objects }, path)))
      for (const file of found) {
        if (!file) continue
        const { path, digest, size } = file.artifact
        hash.update(`${digest} ${path.slice(from.length)}\n`)
        total.files++
        total.bytes += size
      }
      after = rows.length < pageSize ? undefined : rows.at(-1)?.path
    } while (after !== undefined)
    return { digest: hash.digest('hex'), ...total }
  }

  return {
    digestOf,
    async seal(folder, holder) {
      checkArtifactPath(folder)
      await db.transaction<ArtifactTables, void>(async (trx) => {
        if (await hasWrite(trx, rangeOf(folder), clock.now())) throw fail('artifact.busy', { folder })
        await addSeal(trx, folder, holder, clock.now())
      })
      return digestOf(folder)
    },
    async unseal(folder, holder) {
      await removeSeal(tables(), folder, holder)
    },
    async isSealed(folder) {
      checkArtifactPath(folder)
      return (await findSeal(tables(), folder)) !== undefined
    },
  }
}
