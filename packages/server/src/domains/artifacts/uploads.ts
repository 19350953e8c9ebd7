import { randomBytes } from 'node:crypto'
import { fail } from '@millrace/protocol'
import { freeBuffer } from '../../kernel/free-buffer.ts'
import type { Artifact, UploadedPart } from './artifact.ts'
import { checkArtifactPath } from './artifact-path.ts'
import { type BodyFacts, measured } from './body.ts'
import type { ArtifactDeps } from './files.ts'
import type { ArtifactFiles, ArtifactUploads } from './service.ts'
import type { ArtifactTables } from './store.ts'
import { addPart, addUpload, findUpload, listParts, removeUpload } from './upload-store.ts'
import { refuseSealed } from './write-store.ts'

const mostParts = 10_000
const idPattern = /^[0-9a-f]{64}$/

/** Where the parts lie in the object store until the upload ends. */
export const uploadPrefix = 'uploads/'

/** Uploads in parts; see {@link ArtifactUploads}. */
export function createArtifactUploads(
  { db, objects, clock }: ArtifactDeps,
  files: ArtifactFiles,
): ArtifactUploads {
  const tables = () => db.tables<ArtifactTables>()

  async function requireUpload(id: string) {
    const upload = idPattern.test(id) ? await findUpload(tables(), id) : undefined
    if (!upload) throw fail('artifact.upload_not_found', { upload: id.slice(0, 80) })
    return upload
  }

  return {
    async createUpload(path, parts) {
      checkArtifactPath(path)
      if (!Number.isInteger(parts) || parts < 1 || parts > mostParts) {
        throw fail('artifact.upload_invalid', {
          path,
          reason: `${parts} parts; 1 to ${mostParts} are possible`,
        })
      }
      await refuseSealed(tables(), path)
      const upload = { id: randomBytes(32).toString('hex'), path, parts }
      await addUpload(tables(), { ...upload, used_at: clock.now() })
      return upload
    },
    async putPart(id, number, body, { limit } = {}) {
      const { path, parts } = await requireUpload(id)
      if (!Number.isInteger(number) || number < 1 || number > parts) {
        throw fail('artifact.upload_invalid', { path, reason: `part ${number} is none of its ${parts}` })
      }
      let facts: BodyFacts = { digest: '', size: 0 }
      const source = measured(body, { path, limit }, async (measure) => {
        facts = measure
      })
      await objects.put(partKey(id, number), source)
      const kept = await db.transaction<ArtifactTables, boolean>((trx) =>
        addPart(trx, { upload_id: id, number, ...facts }, clock.now()),
      )
      if (!kept) {
        await objects.delete(partKey(id, number))
        throw fail('artifact.upload_not_found', { upload: id })
      }
      return { number, ...facts }
    },
    async completeUpload(id, given, options): Promise<Artifact> {
      const upload = await requireUpload(id)
      const stored = await listParts(tables(), id)
      checkParts(upload, stored, given)
      const whole = async function* () {
        for (const part of stored) yield* partOf(part)
      }
      async function* partOf({ number, digest }: UploadedPart) {
        const stored = await objects.get(partKey(id, number))
        const chunks = measured(stored, { path: upload.path }, async (found) => {
          if (found.digest === digest) return
          throw fail('artifact.upload_invalid', {
            path: upload.path,
            reason: `part ${number} was sent again meanwhile`,
          })
        })
        for await (const chunk of chunks) {
          yield chunk
          freeBuffer(chunk)
        }
      }
      const artifact = await files.put(upload.path, whole(), options)
      await forget(id, upload.parts)
      return artifact
    },
    async abortUpload(id) {
      const upload = idPattern.test(id) ? await findUpload(tables(), id) : undefined
      if (upload) await forget(id, upload.parts)
    },
  }

  async function forget(id: string, parts: number): Promise<void> {
    await db.transaction<ArtifactTables, void>((trx) => removeUpload(trx, id))
    for (let number = 1; number <= parts; number++) await objects.delete(partKey(id, number))
  }
}

function partKey(upload: string, number: number): string {
  return `${uploadPrefix}${upload}/${String(number).padStart(5, '0')}`
}

function checkParts(
  { path, parts }: { path: string; parts: number },
  stored: readonly UploadedPart[],
  given: readonly { number: number; digest?: string }[],
): void {
  const refuse = (reason: string) => fail('artifact.upload_invalid', { path, reason })
  const digests = new Map(stored.map(({ number, digest }) => [number, digest]))
  const named = new Map(given.map(({ number, digest }) => [number, digest]))
  if (named.size !== given.length) throw refuse('a part is named twice')
  for (let number = 1; number <= parts; number++) {
    if (!digests.has(number)) throw refuse(`part ${number} of ${parts} has not been sent`)
    if (!named.has(number)) throw refuse(`part ${number} of ${parts} is not named`)
    const digest = named.get(number)
    if (digest !== undefined && digest !== digests.get(number)) {
      throw refuse(`part ${number} has other bytes than named`)
    }
  }
  if (named.size > parts) throw refuse(`it has ${parts} parts only, and ${named.size} are named`)
}
