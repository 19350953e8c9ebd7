import { sql } from 'kysely'
import type { DatasetVersion, IngestCause } from './dataset-version.ts'
import { type Db, findLatest, listVersions } from './store.ts'
import { listTags } from './tags.ts'

export interface DatasetSummary {
  name: string
  versions: number
  latest: DatasetVersion
}

/** A version as it is listed. */
export interface DatasetLogEntry
  extends Pick<
    DatasetVersion,
    'dataset' | 'version' | 'base' | 'rows' | 'bytes' | 'partCount' | 'createdAt'
  > {
  /** Bytes of parts that no version before it had. */
  newBytes: number
  /** `append`: it has the rows of `base`. `replace`: all its rows were read anew. */
  mode: 'replace' | 'append'
  /** What its newest rows were read from. */
  source: string
  /** Absent where that is the source of the definition, or files in its place. */
  cause?: IngestCause
  tags: string[]
}

/** Datasets that have versions, by name. */
export async function listDatasets(
  db: Db,
  page: { offset: number; limit: number },
): Promise<DatasetSummary[]> {
  const rows = await db
    .selectFrom('dataset_versions')
    .select((e) => ['dataset', e.fn.countAll<number>().as('versions')])
    .groupBy('dataset')
    .orderBy('dataset')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  const found: DatasetSummary[] = []
  for (const { dataset, versions } of rows) {
    const latest = await findLatest(db, dataset)
    if (latest) found.push({ name: dataset, versions: Number(versions), latest })
  }
  return found
}

/** Latest first. */
export async function listLog(
  db: Db,
  dataset: string,
  page: { offset: number; limit: number },
): Promise<DatasetLogEntry[]> {
  const versions = await listVersions(db, dataset, page)
  if (versions.length === 0) return []
  const tags = await listTags(db, dataset)
  const added = await newBytesOf(
    db,
    dataset,
    versions.map(({ version }) => version),
  )
  return versions.map(({ version, base, rows, bytes, partCount, source, createdAt }) => ({
    dataset,
    version,
    ...(base !== undefined && { base }),
    rows,
    bytes,
    newBytes: added.get(version) ?? 0,
    partCount,
    mode: base === undefined ? 'replace' : 'append',
    source: source.path,
    ...(source.cause && { cause: source.cause }),
    tags: tags.filter((tag) => tag.version === version).map(({ tag }) => tag),
    createdAt,
  }))
}

async function newBytesOf(
  db: Db,
  dataset: string,
  versions: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('dataset_version_parts as p')
    .innerJoin('dataset_versions as v', (on) =>
      on.onRef('v.dataset', '=', 'p.dataset').onRef('v.version', '=', 'p.version'),
    )
    .select(['p.version', sql<number>`sum(p.bytes)`.as('bytes')])
    .where('p.dataset', '=', dataset)
    .where('p.version', 'in', versions)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('dataset_version_parts as q')
            .innerJoin('dataset_versions as before', (on) =>
              on.onRef('before.dataset', '=', 'q.dataset').onRef('before.version', '=', 'q.version'),
            )
            .select('q.digest')
            .whereRef('q.digest', '=', 'p.digest')
            .where('q.dataset', '=', dataset)
            .whereRef('before.sequence', '<', 'v.sequence'),
        ),
      ),
    )
    .groupBy('p.version')
    .execute()
  return new Map(rows.map(({ version, bytes }) => [version, Number(bytes)]))
}
