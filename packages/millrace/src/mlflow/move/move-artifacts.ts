import { createHash } from 'node:crypto'
import { reasonOf } from '../reason.ts'
import type { ArtifactFolder, StoredFile } from '../store.ts'
import type { Tally } from './report.ts'
import type { PutFile, TargetFolder } from './target.ts'

/**
 * Copies the files of a folder that are not there already with the same bytes. Every file of the source is read once:
 * to be sent, or to be compared. A file that cannot be copied is a difference; the others go on.
 */
export async function moveArtifacts(
  from: ArtifactFolder,
  to: TargetFolder,
  { tally, where }: { tally: Tally; where: string },
): Promise<void> {
  let existing: ReadonlyMap<string, PutFile> | undefined
  for await (const file of from.list()) {
    tally.found('artifacts')
    tally.found('artifact bytes', file.size)
    existing ??= await to.listFiles()
    try {
      const isSame = await moveFile(from, file, { tally, to, existing: existing.get(file.path) })
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
async function moveFile(
  from: ArtifactFolder,
  file: StoredFile,
  context: { tally: Tally; to: TargetFolder; existing: PutFile | undefined },
): Promise<boolean> {
  const { tally, to, existing } = context
  if (existing && existing.size === file.size) {
    const hash = createHash('sha256')
    for await (const chunk of await from.open(file.path)) hash.update(chunk)
    if (hash.digest('hex') === existing.digest) return true
  }
  let hash = createHash('sha256')
  const put = await to.putFile(file.path, async () => {
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
