import type { DatasetVersionRef } from './dataset-version.ts'
import type { Db } from './store.ts'

/** The version that these inputs gave. */
export async function findIngest(db: Db, dataset: string, inputs: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('dataset_ingests')
    .select('version')
    .where('dataset', '=', dataset)
    .where('inputs', '=', inputs)
    .executeTakeFirst()
  return row?.version
}

/** Whether the version has passed the expectations of that definition. */
export async function hasIngest(
  db: Db,
  { dataset, version, definition }: DatasetVersionRef & { definition: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('dataset_ingests')
    .select('inputs')
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .where('definition_version', '=', definition)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The definition under which the rows of the version were read last. */
export async function findRowsDefinition(
  db: Db,
  { dataset, version }: DatasetVersionRef,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('dataset_ingests')
    .select('definition_version')
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .orderBy('created_at', 'desc')
    .orderBy('inputs')
    .limit(1)
    .executeTakeFirst()
  return row?.definition_version
}

/** Two ingestions of the same inputs at once have the same result: the first stays. */
export async function addIngest(
  db: Db,
  ingest: DatasetVersionRef & { inputs: string; definition: string; now: number },
): Promise<void> {
  await db
    .insertInto('dataset_ingests')
    .values({
      dataset: ingest.dataset,
      inputs: ingest.inputs,
      version: ingest.version,
      definition_version: ingest.definition,
      created_at: ingest.now,
    })
    .onConflict((c) => c.columns(['dataset', 'inputs']).doNothing())
    .execute()
}
