import { createHash } from 'node:crypto'
import { reasonOf } from '../reason.ts'
import type { ArtifactFolder, StoredFile } from '../store.ts'
import type { MillraceTarget, PutFile } from './millrace.ts'
import type { Tally } from './report.ts'

/**
 * Copies the files of a folder that are not there already with the same bytes. Every file of the source is read once:
 * to be sent, or to be compared. A file that cannot be copied is a difference; the others go on.
 * @param to Folder of the target's artifacts.
 */
export async function importArtifacts(
  from: ArtifactFolder,
  to: string,
  { target, tally, where }: { target: MillraceTarget; tally: Tally; where: string },
): Promise<void> {
  let existing: Map<string, PutFile> | undefined
  for await (const file of from.list()) {
    tally.found('artifacts')
    tally.found('artifact bytes', file.size)
    existing ??= await target.listFiles(to)
    try {
      const isSame = await importFile(from, file, { target, tally, to, existing: existing.get(file.path) })
      if (isSame) {
        tally.verified('artifacts')
        tally.verified('artifact bytes', file.size)
      } else tally.differ(where, `artifact ${file.path} has other bytes after it was copied`)
    } catch (error) {
      tally.differ(where, `artifact ${file.path}: ${reasonOf(error)}`)
    }
  }
}

/** @returns whether the file is there with the bytes of the source */
async function importFile(
  from: ArtifactFolder,
  file: StoredFile,
  context: { target: MillraceTarget; tally: Tally; to: string; existing: PutFile | undefined },
): Promise<boolean> {
  const { target, tally, to, existing } = context
  if (existing && existing.size === file.size) {
    const hash = createHash('sha256')
    for await (const chunk of await from.open(file.path)) hash.update(chunk)
    if (hash.digest('hex') === existing.digest) return true
  }
  let hash = createHash('sha256')
  const put = await target.putFile(`${to}/${file.path}`, async () => {
    hash = createHash('sha256')
    return hashed(await from.open(file.path), hash)
  })
  tally.written('artifacts')
  tally.written('artifact bytes', put.size)
  return hash.digest('hex') === put.digest
}

async function* hashed(
  body: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
}

export async function countArtifacts(from: ArtifactFolder, tally: Tally): Promise<void> {
  for await (const { size } of from.list()) {
    tally.found('artifacts')
    tally.found('artifact bytes', size)
  }
}
