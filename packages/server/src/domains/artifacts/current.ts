import { isPlatformError } from '@millrace/protocol'
import type { ObjectStore, StoredObject } from '../../ports/object-store.ts'
import type { Artifact } from './artifact.ts'
import { artifactKey } from './artifact-path.ts'
import { digestOf } from './body.ts'
import { type ArtifactRow, type Db, findRow, removeRow, repairRow } from './store.ts'

export interface CurrentArtifact {
  artifact: Artifact
  /** The object that has the artifact's digest. */
  object: StoredObject
}

/** How often a file may be replaced while it is looked at before that is an error. */
export const patience = 10

/**
 * A row with the object that it describes. A row whose object is another one, or gone, was left by a crash, by writers
 * at the same time or by a restored backup: it is put right first, by reading the object.
 */
export async function findCurrent(
  { db, objects }: { db: Db; objects: ObjectStore },
  path: string,
): Promise<CurrentArtifact | undefined> {
  const key = artifactKey(path)
  for (let attempt = 0; attempt < patience; attempt++) {
    const row = await findRow(db, path)
    if (!row) return undefined
    const object = await objects.find(key)
    if (!object) {
      await removeRow(db, row)
    } else if (object.version === row.version) {
      return { artifact: artifactFromRow(row), object }
    } else {
      await repair({ db, objects }, row, object)
    }
  }
  return undefined
}

async function repair(
  { db, objects }: { db: Db; objects: ObjectStore },
  row: ArtifactRow,
  { key, version }: StoredObject,
): Promise<void> {
  try {
    const { digest, size } = await digestOf(await objects.get(key, undefined, { version }))
    await repairRow(db, row, { digest, size, version })
  } catch (error) {
    if (!isReplaced(error)) throw error
  }
}

/** Whether someone replaced or deleted the object in between: look again. */
export function isReplaced(error: unknown): boolean {
  return isPlatformError(error) && (error.code === 'object.changed' || error.code === 'object.not_found')
}

export function artifactFromRow({ path, digest, size, created_at }: ArtifactRow): Artifact {
  return { path, digest, size, createdAt: created_at }
}
