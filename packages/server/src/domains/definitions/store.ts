import type { Definition, DefinitionKind } from '@millrace/protocol'
import type { Kysely } from 'kysely'
import { versionOf } from './definition.ts'

export interface DefinitionTables {
  definitions: {
    kind: string
    name: string
    project: string
    version: string
    body: string
    applied_at: number
  }
  definition_versions: { kind: string; name: string; version: string; body: string; first_applied_at: number }
}

type Db = Kysely<DefinitionTables>

export interface StoredDefinition {
  definition: Definition
  project: string
  version: string
  appliedAt: number
}

export async function findDefinition(db: Db, kind: DefinitionKind, name: string) {
  const row = await db
    .selectFrom('definitions')
    .selectAll()
    .where('kind', '=', kind)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** A version that is, or once was, the current one. */
export async function findDefinitionVersion(
  db: Db,
  kind: DefinitionKind,
  { name, version }: { name: string; version: string },
): Promise<Definition | undefined> {
  const row = await db
    .selectFrom('definition_versions')
    .select('body')
    .where('kind', '=', kind)
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirst()
  return row && (JSON.parse(row.body) as Definition)
}

/** All that ever were current, by name. */
export async function listDefinitionVersions(
  db: Db,
  kind: DefinitionKind,
): Promise<{ name: string; version: string; firstAppliedAt: number }[]> {
  const rows = await db
    .selectFrom('definition_versions')
    .select(['name', 'version', 'first_applied_at'])
    .where('kind', '=', kind)
    .orderBy('name')
    .orderBy('version')
    .execute()
  return rows.map(({ name, version, first_applied_at }) => ({
    name,
    version,
    firstAppliedAt: first_applied_at,
  }))
}

export async function listDefinitions(db: Db, kind?: DefinitionKind): Promise<StoredDefinition[]> {
  let query = db.selectFrom('definitions').selectAll().orderBy('kind').orderBy('name')
  if (kind) query = query.where('kind', '=', kind)
  return (await query.execute()).map(fromRow)
}

export async function saveDefinition(
  db: Db,
  stored: { definition: Definition; project: string; now: number },
) {
  const { definition, project, now } = stored
  const { kind, name } = definition
  const version = versionOf(definition)
  const body = JSON.stringify(definition)
  await db
    .insertInto('definition_versions')
    .values({ kind, name, version, body, first_applied_at: now })
    .onConflict((c) => c.columns(['kind', 'name', 'version']).doNothing())
    .execute()
  await db
    .insertInto('definitions')
    .values({ kind, name, project, version, body, applied_at: now })
    .onConflict((c) => c.columns(['kind', 'name']).doUpdateSet({ project, version, body, applied_at: now }))
    .execute()
}

export async function deleteDefinition(db: Db, kind: DefinitionKind, name: string) {
  await db.deleteFrom('definitions').where('kind', '=', kind).where('name', '=', name).execute()
}

function fromRow(row: DefinitionTables['definitions']): StoredDefinition {
  return {
    definition: JSON.parse(row.body) as Definition,
    project: row.project,
    version: row.version,
    appliedAt: row.applied_at,
  }
}
