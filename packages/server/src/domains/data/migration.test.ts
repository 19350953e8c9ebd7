import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { migrations } from '../../migrations/index.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'

test('old versions keep their file as their only part, in the order in which they were made', async () => {
  const stores = await createTemporaryStores([])
  try {
    const { db } = stores
    await db.migrate(migrations.filter(({ id }) => id < '0017'))
    for (const [dataset, version, createdAt, digest] of [
      ['flights', 'new', 20, 'b'],
      ['flights', 'old', 10, 'a'],
      ['visits', 'only', 15, 'a'],
    ] as const) {
      const content = JSON.stringify({ digest, size: 100 + createdAt })
      await sql`insert into dataset_versions (dataset, version, definition_version, source, content, rows, schema,
          statistics, validation, created_at)
        values (${dataset}, ${version}, 'd', '{}', ${content}, ${createdAt * 2}, '{}', '{}', 'val', ${createdAt})`.execute(
        db.tables<unknown>(),
      )
    }
    await db.migrate(migrations)
    const read = async (table: string, columns: string[], order: string[]) =>
      (
        await db
          .tables<Record<string, Record<string, unknown>>>()
          .selectFrom(table)
          .select(columns)
          .orderBy(order[0])
          .orderBy(order[1])
          .execute()
      ).map((row) => columns.map((column) => row[column]))
    expect(
      await read(
        'dataset_versions',
        ['dataset', 'version', 'sequence', 'base', 'bytes', 'part_count', 'rows'],
        ['dataset', 'sequence'],
      ),
    ).toEqual([
      ['flights', 'old', 1, null, 110, 1, 20],
      ['flights', 'new', 2, null, 120, 1, 40],
      ['visits', 'only', 1, null, 115, 1, 30],
    ])
    expect(
      await read(
        'dataset_version_parts',
        ['dataset', 'version', 'position', 'digest', 'bytes', 'rows', 'min_time', 'max_time'],
        ['dataset', 'version'],
      ),
    ).toEqual([
      ['flights', 'new', 0, 'b', 120, 40, null, null],
      ['flights', 'old', 0, 'a', 110, 20, null, null],
      ['visits', 'only', 0, 'a', 115, 30, null, null],
    ])
  } finally {
    await stores.close()
  }
})
