import type { Kysely } from 'kysely'
import type { Migration } from '../ports/database.ts'

interface Tables {
  dataset_versions: {
    dataset: string
    version: string
    content: string
    created_at: number
    validation: string
    rows: number
    sequence: number
    bytes: number
    part_count: number
  }
  dataset_version_parts: {
    dataset: string
    version: string
    position: number
    digest: string
    bytes: number
    rows: number
  }
}

/**
 * A dataset version is a list of Parquet parts that versions share; what a part was read from and what an ingestion
 * gave are kept, so that the next one reads what is new. The one file of each old version becomes its only part.
 */
export const datasetPartsMigration: Migration = {
  id: '0017-dataset-parts',
  async up(db) {
    await db.schema
      .createTable('dataset_version_parts')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .addColumn('rows', 'bigint', (c) => c.notNull())
      // First and last event time in milliseconds, to the microsecond; null = not known.
      .addColumn('min_time', 'double precision')
      .addColumn('max_time', 'double precision')
      .addPrimaryKeyConstraint('dataset_version_parts_pk', ['dataset', 'version', 'position'])
      .execute()
    await db.schema
      .createIndex('dataset_version_parts_by_digest')
      .on('dataset_version_parts')
      .column('digest')
      .execute()
    await db.schema
      .createTable('dataset_part_files')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('part', 'text', (c) => c.notNull())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('dataset_part_files_pk', ['dataset', 'part', 'path', 'digest'])
      .execute()
    await db.schema
      .createTable('dataset_ingests')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('inputs', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('definition_version', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('dataset_ingests_pk', ['dataset', 'inputs'])
      .execute()
    await db.schema
      .createIndex('dataset_ingests_by_version')
      .on('dataset_ingests')
      .columns(['dataset', 'version'])
      .execute()
    await db.schema.alterTable('dataset_versions').addColumn('base', 'text').execute()
    // `sequence` counts the versions of a dataset: times tie, and an append must know the version before.
    for (const column of ['sequence', 'bytes', 'part_count']) {
      await db.schema
        .alterTable('dataset_versions')
        .addColumn(column, 'bigint', (c) => c.notNull().defaultTo(0))
        .execute()
    }
    await takeOver(db as Kysely<Tables>)
    await db.schema
      .createIndex('dataset_versions_by_sequence')
      .unique()
      .on('dataset_versions')
      .columns(['dataset', 'sequence'])
      .execute()
    await db.schema.alterTable('dataset_versions').dropColumn('content').execute()
  },
}

async function takeOver(db: Kysely<Tables>): Promise<void> {
  const versions = await db
    .selectFrom('dataset_versions')
    .select(['dataset', 'version', 'content', 'rows'])
    .orderBy('created_at')
    .orderBy('validation')
    .execute()
  const counts = new Map<string, number>()
  for (const { dataset, version, content, rows } of versions) {
    const sequence = (counts.get(dataset) ?? 0) + 1
    counts.set(dataset, sequence)
    const { digest, size } = JSON.parse(content) as { digest: string; size: number }
    await db
      .insertInto('dataset_version_parts')
      .values({ dataset, version, position: 0, digest, bytes: size, rows })
      .execute()
    await db
      .updateTable('dataset_versions')
      .set({ sequence, bytes: size, part_count: 1 })
      .where('dataset', '=', dataset)
      .where('version', '=', version)
      .execute()
  }
}
