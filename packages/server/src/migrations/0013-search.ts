import { sql } from 'kysely'
import type { Migration } from '../ports/database.ts'

/**
 * Runs by what their tags and parameters begin with, so that a search can start from a rare value. A whole value would
 * be too long for an index of PostgreSQL.
 */
export const searchMigration: Migration = {
  id: '0013-search',
  async up(db) {
    for (const table of ['run_tags', 'run_params']) {
      await db.schema
        .createIndex(`${table}_by_value`)
        .on(table)
        .expression(sql`key, substr(value, 1, 200), run_id`)
        .execute()
    }
  },
}
