export { recordEdit, removeEdits, removeEditsOfModel, renameModelOfEdits } from './history.ts'
export type { Note, NoteKeeper, NoteService } from './note.ts'
export { noteRoutes } from './routes.ts'
export { createNoteService } from './service.ts'
