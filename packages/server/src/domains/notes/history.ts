import { type Kysely, sql } from 'kysely'
import type { Edit, NoteSubject, NoteVersion } from './note.ts'

/** One edit: who made version `version` of a note, and the text that it put an end to. */
export interface NoteEditRow {
  kind: string
  subject: string
  version: number
  edited_at: number
  edited_by: string
  replaced: string
}

export interface NoteTables {
  note_edits: NoteEditRow
}

/**
 * Adds an edit to the history, in the transaction that changes the text; whoever keeps a note calls it for every change
 * of its text. An equal text is no edit.
 */
export async function recordEdit<Tables>(
  trx: Kysely<Tables>,
  subject: NoteSubject,
  { from, to, at, by }: Edit & { from: string; to: string },
): Promise<void> {
  if (from === to) return
  const last = await findLastEdit(trx, subject)
  await tables(trx)
    .insertInto('note_edits')
    .values({
      kind: subject.kind,
      subject: subject.id,
      version: (last?.version ?? 0) + 1,
      edited_at: at,
      edited_by: by,
      replaced: from,
    })
    .execute()
}

export async function findLastEdit<Tables>(
  db: Kysely<Tables>,
  subject: NoteSubject,
): Promise<(Edit & { version: number }) | undefined> {
  const row = await editsOf(tables(db), subject).orderBy('version', 'desc').limit(1).executeTakeFirst()
  return row && { version: row.version, at: row.edited_at, by: row.edited_by }
}

/** Newest first. The text of a version is what the next edit has replaced; `current` is that of the last one. */
export async function listVersions<Tables>(
  db: Kysely<Tables>,
  subject: NoteSubject,
  { current, offset, limit }: { current: string; offset: number; limit: number },
): Promise<NoteVersion[]> {
  const first = Math.max(offset - 1, 0)
  const rows = await editsOf(tables(db), subject)
    .orderBy('version', 'desc')
    .offset(first)
    .limit(limit + offset - first)
    .execute()
  return rows
    .map((row, i) => ({
      version: row.version,
      at: row.edited_at,
      by: row.edited_by,
      text: i > 0 ? rows[i - 1].replaced : current,
    }))
    .slice(offset - first)
}

/** Forgets the edits of something that is deleted for good. */
export async function removeEdits<Tables>(db: Kysely<Tables>, subject: NoteSubject): Promise<void> {
  await tables(db)
    .deleteFrom('note_edits')
    .where('kind', '=', subject.kind)
    .where('subject', '=', subject.id)
    .execute()
}

/** The model and all its versions. */
export async function removeEditsOfModel<Tables>(db: Kysely<Tables>, model: string): Promise<void> {
  await removeEdits(db, { kind: 'model', id: model })
  await tables(db).deleteFrom('note_edits').where(isVersionOf(model)).execute()
}

export async function renameModelOfEdits<Tables>(
  db: Kysely<Tables>,
  model: string,
  newName: string,
): Promise<void> {
  await tables(db)
    .updateTable('note_edits')
    .set({ subject: newName })
    .where('kind', '=', 'model')
    .where('subject', '=', model)
    .execute()
  const number = sql`substr(subject, ${sql.lit([...model].length + 1)})`
  await tables(db)
    .updateTable('note_edits')
    .set({ subject: sql<string>`cast(${newName} as text) || ${number}` })
    .where(isVersionOf(model))
    .execute()
}

/** Names of models have no slash. */
function isVersionOf(model: string) {
  const prefix = `${model}/`
  return sql<boolean>`kind = 'model-version' and substr(subject, 1, ${sql.lit([...prefix].length)}) = ${prefix}`
}

function editsOf(db: Kysely<NoteTables>, { kind, id }: NoteSubject) {
  return db.selectFrom('note_edits').selectAll().where('kind', '=', kind).where('subject', '=', id)
}

/** Any query builder sees this table, too. */
function tables<Tables>(db: Kysely<Tables>): Kysely<NoteTables> {
  return db as unknown as Kysely<NoteTables>
}
