import type { Migration } from '../ports/database.ts'

/** Who changed the note of what, when, and what it was before; the text as it is now is where it always was. */
export const notesMigration: Migration = {
  id: '0016-notes',
  async up(db) {
    await db.schema
      .createTable('note_edits')
      // experiment, run, model, model-version
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('version', 'bigint', (c) => c.notNull())
      .addColumn('edited_at', 'bigint', (c) => c.notNull())
      .addColumn('edited_by', 'text', (c) => c.notNull())
      .addColumn('replaced', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('note_edits_pk', ['kind', 'subject', 'version'])
      .execute()
  },
}
