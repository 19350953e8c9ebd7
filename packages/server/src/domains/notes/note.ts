import type { Kysely } from 'kysely'
import type { Page, PageInput } from '../../kernel/paging.ts'

/** What a note is about, and its id: of a model its name, of a version `name/number`. */
export type NoteKind = 'experiment' | 'run' | 'model' | 'model-version'

export interface NoteSubject {
  kind: NoteKind
  id: string
}

/**
 * A text in Markdown about something. The text itself is kept where it always was, as the tag `mlflow.note.content` or
 * the description, so that whoever writes there writes the note; only what a text was before is kept here.
 */
export interface Note {
  /** '' = there is none. */
  text: string
  /** Grows by one with every edit; 0 = as it was when the thing was made or its history began. */
  version: number
  /** The last edit; null for version 0. */
  edited: Edit | null
}

export interface Edit {
  /** Milliseconds. */
  at: number
  by: string
}

/** A version of the note that an edit has made. */
export interface NoteVersion extends Edit {
  version: number
  text: string
}

export interface WriteNoteInput {
  /** '' takes the note away. */
  text: string
  by: string
  /** Refuse unless this is the version that there is now. */
  expected?: number
}

/** Reads and writes the text where it is kept, for one kind of subject. */
export interface NoteKeeper {
  /** '' if there is none. @throws `….not_found` if there is no such subject */
  read(from: NoteDb, id: string): Promise<string>
  /** Also adds the edit to the history. @throws as what keeps the text refuses it */
  write(trx: NoteDb, id: string, edit: { text: string; by: string }): Promise<void>
}

/** A query builder of whatever tables; keepers and the history see their own in it. */
// biome-ignore lint/suspicious/noExplicitAny: the tables of a keeper are its own business
export type NoteDb = Kysely<any>

export interface NoteService {
  /** @throws `….not_found` if there is no such subject */
  getNote(subject: NoteSubject): Promise<Note>
  /**
   * An equal text changes nothing.
   * @throws `note.changed` if the version is not the expected one; as getNote; what is too long or cannot be changed is
   *   refused as it is where the text is kept
   */
  writeNote(subject: NoteSubject, input: WriteNoteInput): Promise<Note>
  /** What edits have made of the note, newest first. @throws as getNote */
  listNoteVersions(subject: NoteSubject, page?: PageInput): Promise<Page<NoteVersion>>
}
