import { fail } from '@millrace/protocol'
import { findModelRow } from './model-store.ts'
import type { ModelVersion, VersionRef } from './model-version.ts'
import type { Db, ModelRow } from './tables.ts'
import { findVersion } from './version-store.ts'

/** @throws `model.not_found` */
export async function requireModel(db: Db, name: string): Promise<ModelRow> {
  const row = await findModelRow(db, name)
  if (!row) throw fail('model.not_found', { model: name })
  return row
}

/** @throws `model.not_found`, `model.version_not_found` */
export async function requireVersion(db: Db, of: VersionRef): Promise<ModelVersion> {
  const found = await findVersion(db, of)
  if (found) return found
  await requireModel(db, of.model)
  throw fail('model.version_not_found', { model: of.model, version: of.version })
}

/** @throws `model.version_rejected`, `model.version_unusable` */
export function assertUsable({ model, version, status, reason }: ModelVersion): void {
  if (status === 'REJECTED') throw fail('model.version_rejected', { model, version, reason })
  if (status !== 'READY') throw fail('model.version_unusable', { model, version, status, reason })
}
