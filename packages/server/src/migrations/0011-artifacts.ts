import { sql } from 'kysely'
import type { Migration } from '../ports/database.ts'

/**
 * Artifacts by their whole path (`<experiment>/<run>/artifacts/…`), writes that are about to take effect, sealed
 * folders and uploads in parts. Takes the rows of run_artifacts over.
 */
export const artifactsMigration: Migration = {
  id: '0011-artifacts',
  async up(db) {
    await db.schema
      .createTable('artifacts')
      .addColumn('path', 'text', (c) => c.primaryKey())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('size', 'bigint', (c) => c.notNull())
      // Which object has that digest; null = not known, to be found out by reading it.
      .addColumn('version', 'text')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
    await sql`insert into artifacts (path, digest, size, version, created_at)
      select cast(runs.experiment_id as text) || '/' || runs.id || '/artifacts/' || a.path,
        a.digest, a.size, null, a.created_at
      from run_artifacts a join runs on runs.id = a.run_id`.execute(db)
    await db.schema.dropTable('run_artifacts').execute()
    await db.schema
      .createTable('artifact_writes')
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('artifact_writes_pk', ['path', 'id'])
      .execute()
    await db.schema
      .createTable('artifact_seals')
      .addColumn('folder', 'text', (c) => c.notNull())
      .addColumn('holder', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('artifact_seals_pk', ['folder', 'holder'])
      .execute()
    await db.schema
      .createTable('artifact_uploads')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('parts', 'bigint', (c) => c.notNull())
      .addColumn('used_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('artifact_upload_parts')
      .addColumn('upload_id', 'text', (c) => c.notNull())
      .addColumn('number', 'bigint', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('artifact_upload_parts_pk', ['upload_id', 'number'])
      .execute()
  },
}
