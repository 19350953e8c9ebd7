import { type Kysely, sql } from 'kysely'
import type { Migration } from '../ports/database.ts'

/**
 * The whole registry: descriptions, tags, stages, sources and digests of versions, soft deletion, pointers (aliases and
 * stages) with their moves, results of promotion checks, and webhooks with the deliveries that are still to be made.
 */
export const registryPointersMigration: Migration = {
  id: '0012-registry',
  async up(db) {
    await extendModels(db)
    await replaceVersions(db as Kysely<VersionTables>)
    await replaceAliases(db)
    await addStages(db)
    await addChecks(db)
    await addWebhooks(db)
  },
}

interface VersionTables {
  model_versions: { model: string; version: number; tags: string; lineage: string }
  model_version_origins: { kind: string; ref: string; model: string; version: number }
  model_version_tags: { model: string; version: number; key: string; value: string }
}

async function extendModels(db: Kysely<unknown>): Promise<void> {
  const add = (name: string, type: 'text' | 'bigint') =>
    db.schema.alterTable('registered_models').addColumn(name, type)
  await add('description', 'text').execute()
  await add('user_id', 'text').execute()
  await db.schema
    .alterTable('registered_models')
    .addColumn('updated_at', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
  // JSON: what a version must pass before a pointer may name it; null = nothing.
  await add('checks', 'text').execute()
  await sql`update registered_models set updated_at = created_at`.execute(db)
  await db.schema
    .createTable('registered_model_tags')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('registered_model_tags_pk', ['model', 'key'])
    .execute()
}

/** A table anew, because SQLite cannot make `manifest` and `gate` optional. */
async function replaceVersions(db: Kysely<VersionTables>): Promise<void> {
  await db.schema
    .createTable('model_version_tags')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('model_version_tags_pk', ['model', 'version', 'key'])
    .execute()
  // Definitions (by content hash), code bundles and git commits that versions come from.
  await db.schema
    .createTable('model_version_origins')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('ref', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('model_version_origins_pk', ['kind', 'ref', 'model', 'version'])
    .execute()
  await moveJson(db)
  await db.schema
    .createTable('model_versions_new')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('idempotency_key', 'text', (c) => c.unique())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    // None, Staging, Production, Archived
    .addColumn('stage', 'text', (c) => c.notNull())
    .addColumn('source', 'text')
    .addColumn('storage_location', 'text')
    .addColumn('run_id', 'text')
    .addColumn('run_link', 'text')
    // The logged model that it was registered from.
    .addColumn('model_id', 'text')
    .addColumn('description', 'text')
    .addColumn('user_id', 'text')
    // Digest of all files in the storage location; null = they were not readable.
    .addColumn('digest', 'text')
    // Under which name the storage location is sealed.
    .addColumn('seal', 'text')
    // JSON: algorithm, inputs, outputs; null = not known.
    .addColumn('spec', 'text')
    // 1.0.0 and so on; JSON of the change that made it.
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('change', 'text', (c) => c.notNull())
    .addColumn('manifest', 'text')
    .addColumn('training_set', 'text')
    .addColumn('gate', 'text')
    .addColumn('lineage', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('deleted_at', 'bigint')
    .addPrimaryKeyConstraint('model_versions_new_pk', ['model', 'version'])
    .execute()
  // What was registered before labels existed is one series of data-only changes.
  await sql`insert into model_versions_new (model, version, idempotency_key, status, reason, stage, run_id, label, change,
      manifest, training_set, gate, lineage, created_at, updated_at)
    select model, version, idempotency_key, status, reason, 'None', run_id,
      '1.0.' || cast(version - 1 as text), '{"kind":"data","details":[]}',
      manifest, training_set, gate, lineage, created_at, created_at
    from model_versions`.execute(db)
  // Training has always logged the model's folder to its run.
  await sql`update model_versions_new set
      source = (select 'mlflow-artifacts:/' || cast(experiment_id as text) || '/' || id || '/artifacts/model'
        from runs where runs.id = model_versions_new.run_id),
      storage_location = (select 'mlflow-artifacts:/' || cast(experiment_id as text) || '/' || id || '/artifacts/model'
        from runs where runs.id = model_versions_new.run_id)`.execute(db)
  await db.schema.dropTable('model_versions').execute()
  await db.schema.alterTable('model_versions_new').renameTo('model_versions').execute()
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).on('model_versions').columns(columns)
  await index('model_versions_by_label', ['model', 'label']).unique().execute()
  await index('model_versions_by_run', ['run_id']).execute()
  await index('model_versions_by_training_set', ['training_set']).execute()
  await index('model_versions_by_logged_model', ['model_id']).execute()
  await index('model_versions_by_update', ['updated_at', 'model', 'version']).execute()
}

/** Tags and origins were JSON of the version. */
async function moveJson(db: Kysely<VersionTables>): Promise<void> {
  const versions = await db
    .selectFrom('model_versions')
    .select(['model', 'version', 'tags', 'lineage'])
    .execute()
  for (const { model, version, tags, lineage } of versions) {
    for (const [key, value] of Object.entries(JSON.parse(tags) as Record<string, string>)) {
      await db.insertInto('model_version_tags').values({ model, version, key, value }).execute()
    }
    const { definitions, bundles } = JSON.parse(lineage) as {
      definitions: Record<string, string>
      bundles: string[]
    }
    const origins = [
      ...[...new Set(Object.values(definitions))].map((ref) => ({ kind: 'definition', ref })),
      ...[...new Set(bundles)].map((ref) => ({ kind: 'bundle', ref })),
    ]
    for (const origin of origins) {
      await db
        .insertInto('model_version_origins')
        .values({ ...origin, model, version })
        .execute()
    }
  }
}

/** Where every alias points now, and all its moves; a move to no version is its deletion. */
async function replaceAliases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('model_alias_moves')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('alias', 'text', (c) => c.notNull())
    .addColumn('sequence', 'bigint', (c) => c.notNull())
    .addColumn('version', 'bigint')
    // set, rollback, delete
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('set_at', 'bigint', (c) => c.notNull())
    .addColumn('set_by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('model_alias_moves_pk', ['model', 'alias', 'sequence'])
    .execute()
  await sql`insert into model_alias_moves (model, alias, sequence, version, kind, set_at, set_by, reason)
    select model, alias, sequence, version, 'set', set_at, set_by, reason from model_aliases`.execute(db)
  await db.schema.dropTable('model_aliases').execute()
  await db.schema
    .createTable('model_aliases')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('alias', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('model_current_aliases_pk', ['model', 'alias'])
    .execute()
  await sql`insert into model_aliases (model, alias, version)
    select model, alias, version from model_alias_moves as m
    where sequence = (
      select max(sequence) from model_alias_moves as l where l.model = m.model and l.alias = m.alias
    )`.execute(db)
  await db.schema
    .createIndex('model_aliases_by_version')
    .on('model_aliases')
    .columns(['model', 'version'])
    .execute()
}

async function addStages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('model_stage_moves')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('sequence', 'bigint', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('from_stage', 'text', (c) => c.notNull())
    .addColumn('to_stage', 'text', (c) => c.notNull())
    .addColumn('moved_at', 'bigint', (c) => c.notNull())
    .addColumn('moved_by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('model_stage_moves_pk', ['model', 'sequence'])
    .execute()
}

async function addChecks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('model_check_results')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    // 1 or 0
    .addColumn('passed', 'integer', (c) => c.notNull())
    .addColumn('results', 'text', (c) => c.notNull())
    .addColumn('checked_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('model_check_results_by_version')
    .on('model_check_results')
    .columns(['model', 'version', 'id'])
    .execute()
}

async function addWebhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhooks')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('description', 'text')
    // Encrypted; null = deliveries are not signed.
    .addColumn('secret', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('webhook_events')
    .addColumn('webhook', 'text', (c) => c.notNull())
    .addColumn('entity', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('webhook_events_pk', ['webhook', 'entity', 'action'])
    .execute()
  await db.schema
    .createTable('webhook_deliveries')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('webhook', 'text', (c) => c.notNull())
    .addColumn('entity', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    // PENDING, DELIVERED, FAILED
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempts', 'bigint', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('response_status', 'bigint')
    .addColumn('error', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('webhook_deliveries_due')
    .on('webhook_deliveries')
    .columns(['state', 'next_at', 'id'])
    .execute()
  await db.schema
    .createIndex('webhook_deliveries_by_webhook')
    .on('webhook_deliveries')
    .columns(['webhook', 'id'])
    .execute()
}
