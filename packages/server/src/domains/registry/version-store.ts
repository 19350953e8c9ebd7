import type {
  LineageQuery,
  ModelVersion,
  NewVersion,
  Stage,
  VersionRef,
  VersionStatus,
} from './model-version.ts'
import type { Db, VersionRow } from './tables.ts'
import type { VersionChange } from './version-label.ts'

type Range = { offset: number; limit: number }

/** The highest number that was ever given in the model, with its label, which is the highest one too. */
export async function lastNumber(db: Db, model: string) {
  return db
    .selectFrom('model_versions')
    .select(['version', 'label'])
    .where('model', '=', model)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Newest first; also what is deleted if `deleted` is set. */
const existing = (db: Db) =>
  db.selectFrom('model_versions').selectAll('model_versions').where('deleted_at', 'is', null)

export async function insertVersion(
  db: Db,
  added: NewVersion & { version: number; label: string; change: VersionChange; now: number },
): Promise<void> {
  const { model, version, lineage } = added
  await db.insertInto('model_versions').values(toRow(added)).execute()
  await putVersionTags(db, { model, version }, added.tags)
  const datasets = new Map(lineage.datasets.map((ref) => [JSON.stringify([ref.dataset, ref.version]), ref]))
  const used = [...datasets.values()].map((ref) => ({
    dataset: ref.dataset,
    dataset_version: ref.version,
    model,
    version,
  }))
  if (used.length > 0) await db.insertInto('model_version_datasets').values(used).execute()
  const origins = [
    ...[...new Set(Object.values(lineage.definitions))].map((ref) => ({ kind: 'definition', ref })),
    ...[...new Set(lineage.bundles)].map((ref) => ({ kind: 'bundle', ref })),
    ...(lineage.commit === null ? [] : [{ kind: 'commit', ref: lineage.commit }]),
  ].map((origin) => ({ ...origin, model, version }))
  if (origins.length > 0) await db.insertInto('model_version_origins').values(origins).execute()
}

/** With `key` also one that is deleted. */
export async function findVersion(
  db: Db,
  by: VersionRef | { key: string },
): Promise<ModelVersion | undefined> {
  const query = existing(db)
  const row = await ('key' in by
    ? query.where('idempotency_key', '=', by.key)
    : query.where('model', '=', by.model).where('version', '=', by.version)
  ).executeTakeFirst()
  return row && (await completeVersions(db, [row]))[0]
}

/** Newest first. */
export async function listVersions(db: Db, model: string, range: Range): Promise<ModelVersion[]> {
  const rows = await existing(db)
    .where('model', '=', model)
    .orderBy('version', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return completeVersions(db, rows)
}

/** Of each of the models the highest version of each stage that has one, by model and number: in one query. */
export async function listLatestVersions(
  db: Db,
  models: readonly string[],
  of: readonly Stage[],
): Promise<ModelVersion[]> {
  if (models.length === 0 || of.length === 0) return []
  const rows = await existing(db)
    .innerJoin(
      (e) =>
        e
          .selectFrom('model_versions')
          .select((one) => ['model', one.fn.max('version').as('version')])
          .where('model', 'in', models)
          .where('stage', 'in', of)
          .where('deleted_at', 'is', null)
          .groupBy(['model', 'stage'])
          .as('latest'),
      (on) =>
        on
          .onRef('latest.model', '=', 'model_versions.model')
          .onRef('latest.version', '=', 'model_versions.version'),
    )
    .orderBy('model_versions.model')
    .orderBy('model_versions.version')
    .execute()
  return completeVersions(db, rows)
}

/** By model, newest first. */
export async function listVersionsBy(db: Db, by: LineageQuery, range: Range): Promise<ModelVersion[]> {
  const rows = await matching(db, by)
    .orderBy('model')
    .orderBy('version', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return completeVersions(db, rows)
}

function matching(db: Db, by: LineageQuery) {
  const query = existing(db)
  if ('run' in by) return query.where('run_id', '=', by.run)
  if ('trainingSet' in by) return query.where('training_set', '=', by.trainingSet)
  if ('loggedModel' in by) return query.where('model_id', '=', by.loggedModel)
  if ('digest' in by) return query.where('digest', '=', by.digest)
  if ('dataset' in by) {
    return query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('model_version_datasets as used')
          .select('used.version')
          .where('used.dataset', '=', by.dataset)
          .where('used.dataset_version', '=', by.version)
          .whereRef('used.model', '=', 'model_versions.model')
          .whereRef('used.version', '=', 'model_versions.version'),
      ),
    )
  }
  const [kind, ref] =
    'definition' in by
      ? ['definition', by.definition]
      : 'bundle' in by
        ? ['bundle', by.bundle]
        : ['commit', by.commit]
  return query.where(({ exists, selectFrom }) =>
    exists(
      selectFrom('model_version_origins as origin')
        .select('origin.version')
        .where('origin.kind', '=', kind)
        .where('origin.ref', '=', ref)
        .whereRef('origin.model', '=', 'model_versions.model')
        .whereRef('origin.version', '=', 'model_versions.version'),
    ),
  )
}

export async function changeVersion(
  db: Db,
  { model, version }: VersionRef,
  change: Partial<Pick<VersionRow, 'description' | 'stage' | 'updated_at'>>,
): Promise<void> {
  await db
    .updateTable('model_versions')
    .set(change)
    .where('model', '=', model)
    .where('version', '=', version)
    .execute()
}

/** Keeps number and label, forgets what the version was. */
export async function redactVersion(db: Db, { model, version }: VersionRef, now: number): Promise<void> {
  for (const table of ['model_version_tags', 'model_version_datasets', 'model_version_origins'] as const) {
    await db.deleteFrom(table).where('model', '=', model).where('version', '=', version).execute()
  }
  await db
    .updateTable('model_versions')
    .set({
      idempotency_key: null,
      source: null,
      storage_location: null,
      run_id: null,
      run_link: null,
      model_id: null,
      seal: null,
      spec: null,
      manifest: null,
      training_set: null,
      gate: null,
      lineage: '{}',
      updated_at: now,
      deleted_at: now,
    })
    .where('model', '=', model)
    .where('version', '=', version)
    .execute()
}

/** Seals to let go of when the versions vanish. */
export async function listSeals(
  db: Db,
  of: { model: string; version?: number },
): Promise<{ seal: string; storageLocation: string }[]> {
  let query = db
    .selectFrom('model_versions')
    .select(['seal', 'storage_location'])
    .where('model', '=', of.model)
  if (of.version !== undefined) query = query.where('version', '=', of.version)
  const rows = await query.execute()
  return rows.flatMap(({ seal, storage_location }) =>
    seal !== null && storage_location !== null ? [{ seal, storageLocation: storage_location }] : [],
  )
}

export async function putVersionTags(
  db: Db,
  { model, version }: VersionRef,
  tags: Record<string, string>,
): Promise<void> {
  const rows = Object.entries(tags).map(([key, value]) => ({ model, version, key, value }))
  if (rows.length === 0) return
  await db
    .insertInto('model_version_tags')
    .values(rows)
    .onConflict((c) =>
      c.columns(['model', 'version', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })),
    )
    .execute()
}

/** @returns whether there was one */
export async function removeVersionTag(
  db: Db,
  { model, version }: VersionRef,
  key: string,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('model_version_tags')
    .where('model', '=', model)
    .where('version', '=', version)
    .where('key', '=', key)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Adds tags and aliases to rows of versions, in their order: one query each, whatever their number. */
export async function completeVersions(db: Db, rows: readonly VersionRow[]): Promise<ModelVersion[]> {
  if (rows.length === 0) return []
  const models = [...new Set(rows.map(({ model }) => model))]
  const versions = [...new Set(rows.map(({ version }) => version))]
  const tags = await db
    .selectFrom('model_version_tags')
    .selectAll()
    .where('model', 'in', models)
    .where('version', 'in', versions)
    .orderBy('key')
    .execute()
  const aliases = await db
    .selectFrom('model_aliases')
    .selectAll()
    .where('model', 'in', models)
    .where('version', 'in', versions)
    .orderBy('alias')
    .execute()
  const id = ({ model, version }: VersionRef) => `${model}/${version}`
  const tagsOf = Map.groupBy(tags, id)
  const aliasesOf = Map.groupBy(aliases, id)
  return rows.map((row) => ({
    ...fromRow(row),
    tags: Object.fromEntries((tagsOf.get(id(row)) ?? []).map(({ key, value }) => [key, value])),
    aliases: (aliasesOf.get(id(row)) ?? []).map(({ alias }) => alias),
  }))
}

/** Versions of before commits were kept have none. */
const noCommit: Partial<ModelVersion['lineage']> = { commit: null }

function fromRow(row: VersionRow): Omit<ModelVersion, 'tags' | 'aliases'> {
  return {
    model: row.model,
    version: row.version,
    label: row.label,
    change: JSON.parse(row.change) as VersionChange,
    status: row.status as VersionStatus,
    reason: row.reason,
    stage: row.stage as Stage,
    source: row.source,
    storageLocation: row.storage_location,
    runLink: row.run_link,
    modelId: row.model_id,
    description: row.description,
    userId: row.user_id,
    digest: row.digest,
    manifest: row.manifest,
    spec: row.spec === null ? null : (JSON.parse(row.spec) as ModelVersion['spec']),
    gate: row.gate === null ? null : (JSON.parse(row.gate) as ModelVersion['gate']),
    lineage: { ...noCommit, ...(JSON.parse(row.lineage) as ModelVersion['lineage']) },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toRow(
  added: NewVersion & { version: number; label: string; change: VersionChange; now: number },
): VersionRow {
  return {
    model: added.model,
    version: added.version,
    idempotency_key: added.key ?? null,
    status: added.status,
    reason: added.reason,
    stage: 'None',
    source: added.source,
    storage_location: added.storageLocation,
    run_id: added.lineage.run,
    run_link: added.runLink,
    model_id: added.modelId,
    description: added.description,
    user_id: added.userId,
    digest: added.digest,
    seal: added.seal,
    spec: added.spec && JSON.stringify(added.spec),
    label: added.label,
    change: JSON.stringify(added.change),
    manifest: added.manifest,
    training_set: added.lineage.trainingSet,
    gate: added.gate && JSON.stringify(added.gate),
    lineage: JSON.stringify(added.lineage),
    created_at: added.now,
    updated_at: added.now,
    deleted_at: null,
  }
}
