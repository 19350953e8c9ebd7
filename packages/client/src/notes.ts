import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

/** A text in Markdown. MLflow's clients see it as the tag `mlflow.note.content` or as the description. */
export interface Note {
  /** '' = there is none. */
  text: string
  /** Grows with every edit; give it as `expected` to write over nobody else's. */
  version: number
  /** The last edit (milliseconds); null as long as the note is as it was made. */
  edited: { at: number; by: string } | null
}

/** What an edit has made of a note. */
export interface NoteVersion {
  version: number
  /** Milliseconds. */
  at: number
  by: string
  text: string
}

export interface WriteNoteInput {
  /** '' takes the note away. */
  text: string
  by?: string
  /** Refused with `note.changed` unless this is the version that there is now. */
  expected?: number
}

export type NoteSubject =
  | { experiment: string }
  | { run: string }
  | { model: string }
  | { model: string; version: number }

export function noteCalls({ send }: Transport) {
  return {
    notes: {
      get: (of: NoteSubject) => send<Note>({ method: 'GET', path: `${placeOf(of)}/note` }),
      write: (of: NoteSubject, body: WriteNoteInput) =>
        send<Note>({ method: 'PUT', path: `${placeOf(of)}/note`, body, idempotent: false }),
      /** What edits have made of it, newest first. */
      versions: (of: NoteSubject, query?: PageInput) =>
        send<Page<NoteVersion>>({
          method: 'GET',
          path: `${placeOf(of)}/note/versions`,
          query: { ...query },
        }),
    },
  }
}

function placeOf(of: NoteSubject): string {
  if ('experiment' in of) return path`/v1/experiments/${of.experiment}`
  if ('run' in of) return path`/v1/runs/${of.run}`
  return 'version' in of
    ? path`/v1/models/${of.model}/versions/${String(of.version)}`
    : path`/v1/models/${of.model}`
}
