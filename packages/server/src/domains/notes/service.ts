import { fail } from '@millrace/protocol'
import { readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import { findLastEdit, listVersions } from './history.ts'
import type { Note, NoteDb, NoteKeeper, NoteKind, NoteService, NoteSubject } from './note.ts'

export interface NoteDeps {
  db: Database
  /** Where the texts of each kind are. */
  keepers: Readonly<Record<NoteKind, NoteKeeper>>
}

export function createNoteService({ db, keepers }: NoteDeps): NoteService {
  const tables = () => db.tables<never>()

  async function read(from: NoteDb, subject: NoteSubject): Promise<Note> {
    const text = await keepers[subject.kind].read(from, subject.id)
    const last = await findLastEdit(from, subject)
    return { text, version: last?.version ?? 0, edited: last ? { at: last.at, by: last.by } : null }
  }

  return {
    getNote: (subject) => read(tables(), subject),
    writeNote: (subject, { text, by, expected }) =>
      db.transaction<never, Note>(async (trx) => {
        const { version, edited } = await read(trx, subject)
        if (expected !== undefined && expected !== version) {
          throw fail('note.changed', {
            what: `${subject.kind} ${subject.id}`,
            version,
            expected,
            by: edited?.by ?? 'nobody',
          })
        }
        await keepers[subject.kind].write(trx, subject.id, { text, by })
        return read(trx, subject)
      }),
    async listNoteVersions(subject, page) {
      const current = await keepers[subject.kind].read(tables(), subject.id)
      return readPage(page, (range) => listVersions(tables(), subject, { ...range, current }))
    },
  }
}
