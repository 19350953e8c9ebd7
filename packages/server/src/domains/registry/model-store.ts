import type { RegisteredModel } from './model-version.ts'
import type { Db, ModelRow } from './tables.ts'

type Range = { offset: number; limit: number }

/** @returns false if there is one of that name already; it is not changed */
export async function addModel(
  db: Db,
  model: { name: string; description: string | null; userId: string | null; now: number },
): Promise<boolean> {
  const { name, description, userId, now } = model
  const added = await db
    .insertInto('registered_models')
    .values({ name, description, user_id: userId, created_at: now, updated_at: now, checks: null })
    .onConflict((c) => c.column('name').doNothing())
    .returning('name')
    .execute()
  return added.length > 0
}

export async function findModelRow(db: Db, name: string): Promise<ModelRow | undefined> {
  return db.selectFrom('registered_models').selectAll().where('name', '=', name).executeTakeFirst()
}

export async function changeModel(
  db: Db,
  name: string,
  change: Partial<Pick<ModelRow, 'description' | 'checks' | 'updated_at'>>,
): Promise<void> {
  await db.updateTable('registered_models').set(change).where('name', '=', name).execute()
}

/** By name. */
export async function listModelRows(db: Db, range: Range): Promise<ModelRow[]> {
  const query = db.selectFrom('registered_models').selectAll().orderBy('name')
  return query.offset(range.offset).limit(range.limit).execute()
}

/** Adds tags, aliases and the last version: one query each, whatever the number of models. */
export async function completeModels(db: Db, rows: readonly ModelRow[]): Promise<RegisteredModel[]> {
  if (rows.length === 0) return []
  const names = rows.map(({ name }) => name)
  const tags = await db.selectFrom('registered_model_tags').selectAll().where('model', 'in', names).execute()
  const aliases = await db
    .selectFrom('model_aliases')
    .selectAll()
    .where('model', 'in', names)
    .orderBy('alias')
    .execute()
  const last = await db
    .selectFrom('model_versions')
    .select((e) => ['model', e.fn.max('version').as('version')])
    .where('model', 'in', names)
    .where('deleted_at', 'is', null)
    .groupBy('model')
    .execute()
  const tagsOf = Map.groupBy(tags, ({ model }) => model)
  const aliasesOf = Map.groupBy(aliases, ({ model }) => model)
  const lastOf = new Map(last.map(({ model, version }) => [model, Number(version)]))
  return rows.map((row) => ({
    name: row.name,
    description: row.description,
    userId: row.user_id,
    tags: Object.fromEntries((tagsOf.get(row.name) ?? []).map(({ key, value }) => [key, value])),
    aliases: Object.fromEntries(
      (aliasesOf.get(row.name) ?? []).map(({ alias, version }) => [alias, version]),
    ),
    latestVersion: lastOf.get(row.name) ?? 0,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }))
}

const partsOfModel = [
  'registered_model_tags',
  'model_versions',
  'model_version_tags',
  'model_version_datasets',
  'model_version_origins',
  'model_aliases',
  'model_alias_moves',
  'model_stage_moves',
  'model_check_results',
] as const

/** Moves the model with all that belongs to it. */
export async function renameModelRows(db: Db, name: string, newName: string): Promise<void> {
  await db.updateTable('registered_models').set({ name: newName }).where('name', '=', name).execute()
  for (const table of partsOfModel) {
    await db.updateTable(table).set({ model: newName }).where('model', '=', name).execute()
  }
}

/** Deletes the model with all that belongs to it, for good. */
export async function deleteModelRows(db: Db, name: string): Promise<void> {
  await db.deleteFrom('registered_models').where('name', '=', name).execute()
  for (const table of partsOfModel) await db.deleteFrom(table).where('model', '=', name).execute()
}

export async function putModelTags(db: Db, model: string, tags: Record<string, string>): Promise<void> {
  const rows = Object.entries(tags).map(([key, value]) => ({ model, key, value }))
  if (rows.length === 0) return
  await db
    .insertInto('registered_model_tags')
    .values(rows)
    .onConflict((c) => c.columns(['model', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
    .execute()
}

/** @returns whether there was one */
export async function removeModelTag(db: Db, model: string, key: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('registered_model_tags')
    .where('model', '=', model)
    .where('key', '=', key)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
