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

/** What an ingestion made and judged rows by, beside their source. */
interface Terms {
  definition: string
  /** A hash of them. */
  expectations: string
  salt: string | undefined
}

/** Whether the version has been made, or judged, on these terms. */
export async function hasIngest(
  db: Db,
  { dataset, version }: DatasetVersionRef,
  { definition, expectations, salt = '' }: Terms,
): Promise<boolean> {
  const row = await db
    .selectFrom('dataset_ingests')
    .select('inputs')
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .where('definition_version', '=', definition)
    .where('expectations', '=', expectations)
    .where('salt', '=', salt)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The definition under which the rows of the version were read last, and the salt where it is known. */
export async function findRowsTerms(
  db: Db,
  { dataset, version }: DatasetVersionRef,
): Promise<{ definition: string; salt: string | null } | undefined> {
  const row = await db
    .selectFrom('dataset_ingests')
    .select(['definition_version as definition', 'salt'])
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .orderBy('created_at', 'desc')
    .orderBy('inputs')
    .limit(1)
    .executeTakeFirst()
  return row
}

/** Two ingestions of the same inputs at once have the same result: the first stays. */
export async function addIngest(
  db: Db,
  ingest: DatasetVersionRef & Terms & { inputs: string; now: number },
): Promise<void> {
  await db
    .insertInto('dataset_ingests')
    .values({
      dataset: ingest.dataset,
      inputs: ingest.inputs,
      version: ingest.version,
      definition_version: ingest.definition,
      expectations: ingest.expectations,
      salt: ingest.salt ?? '',
      created_at: ingest.now,
    })
    .onConflict((c) => c.columns(['dataset', 'inputs']).doNothing())
    .execute()
}
