import type { Clock } from '../../kernel/clock.ts'
import { type NoteKeeper, recordEdit } from '../notes/index.ts'
import { checkDescription } from './entries.ts'
import { requireModel, requireVersion } from './lookup.ts'
import { changeModel } from './model-store.ts'
import type { VersionRef } from './model-version.ts'
import { parseReference } from './names.ts'
import type { Db } from './tables.ts'
import { changeVersion } from './version-store.ts'

interface NewDescription {
  description: string | null
  /** Milliseconds. */
  at: number
  by: string
}

/** @throws `model.not_found`, `model.entry_invalid` */
export async function describeModel(
  trx: Db,
  name: string,
  { description, at, by }: NewDescription,
): Promise<void> {
  checkDescription(name, description)
  const { description: before } = await requireModel(trx, name)
  const to = description ?? ''
  await recordEdit(trx, { kind: 'model', id: name }, { from: before ?? '', to, at, by })
  await changeModel(trx, name, { description, updated_at: at })
}

/** @throws `model.not_found`, `model.version_not_found`, `model.entry_invalid` */
export async function describeVersion(
  trx: Db,
  of: VersionRef,
  { description, at, by }: NewDescription,
): Promise<void> {
  checkDescription(of.model, description)
  const { description: before } = await requireVersion(trx, of)
  const subject = { kind: 'model-version', id: `${of.model}/${of.version}` } as const
  await recordEdit(trx, subject, { from: before ?? '', to: description ?? '', at, by })
  await changeVersion(trx, of, { description, updated_at: at })
}

/** The notes of models and versions are their descriptions, of up to 65,535 characters. */
export function createRegistryNoteKeepers({
  clock,
}: {
  clock: Clock
}): Record<'model' | 'model-version', NoteKeeper> {
  return {
    model: {
      read: async (from, name) => (await requireModel(from, name)).description ?? '',
      write: (trx, name, { text, by }) =>
        describeModel(trx, name, { description: text || null, at: clock.now(), by }),
    },
    'model-version': {
      read: async (from, id) => (await requireVersion(from, versionOf(id))).description ?? '',
      write: (trx, id, { text, by }) =>
        describeVersion(trx, versionOf(id), { description: text || null, at: clock.now(), by }),
    },
  }
}

/** @throws `model.name_invalid` */
function versionOf(id: string): VersionRef {
  const { model, ...rest } = parseReference(id)
  return { model, version: 'version' in rest ? rest.version : 0 }
}
