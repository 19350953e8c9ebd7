import { sql } from 'kysely'
import type { Database } from '../../../ports/database.ts'
import {
  completeOrder,
  loadInParts,
  missingIsEmpty,
  type SearchInput,
  type SearchPage,
  type SearchTarget,
  searchTable,
} from '../../search/index.ts'
import type { ModelVersion } from '../model-version.ts'
import type { Db, RegistryTables } from '../tables.ts'
import { completeVersions } from '../version-store.ts'
import { withoutPrompts } from './prompts.ts'
import { modelVersionVocabulary } from './vocabulary.ts'

/**
 * The last updated first, without an order; deleted ones are never found. In the mlflow dialect versions of prompts are
 * left out unless the filter asks for them.
 */
export async function searchModelVersions(
  db: Database,
  input: SearchInput,
): Promise<SearchPage<ModelVersion>> {
  const { found, ...page } = await searchTable(db.longReads<unknown>(), {
    input,
    vocabulary: modelVersionVocabulary,
    target: modelVersionTarget(db.dialect),
    from: sql`from model_versions as v`,
    where: [sql`v.deleted_at is null`],
    scope: { modelVersions: true },
    key: rowKey,
    complete: (order) => [
      ...completeOrder(
        order.length > 0
          ? order
          : [{ field: { kind: 'attribute', key: 'last_updated_timestamp' }, descending: true }],
        [
          ['name', false],
          ['version_number', true],
        ],
      ),
      { field: { kind: 'attribute', key: rowKey }, descending: false },
    ],
    ...(input.dialect === 'mlflow'
      ? { adapt: (filter) => missingIsEmpty(withoutPrompts(filter), ['run_id']) }
      : {}),
  })
  const tables = db.longReads<RegistryTables>()
  return { items: await loadInParts(found.map(String), (ids) => loadVersions(tables, ids)), ...page }
}

/** `<version>/<model>`, the name of a version in one column; no vocabulary has it. */
const rowKey = ' version of model'

async function loadVersions(db: Db, ids: readonly string[]): Promise<ModelVersion[]> {
  const refs = ids.map((id) => {
    const slash = id.indexOf('/')
    return { version: Number(id.slice(0, slash)), model: id.slice(slash + 1) }
  })
  const rows = await db
    .selectFrom('model_versions')
    .selectAll()
    .where('model', 'in', [...new Set(refs.map(({ model }) => model))])
    .where('version', 'in', [...new Set(refs.map(({ version }) => version))])
    .where('deleted_at', 'is', null)
    .execute()
  const wanted = new Set(ids)
  const idOf = ({ model, version }: { model: string; version: number }) => `${version}/${model}`
  const versions = await completeVersions(
    db,
    rows.filter((row) => wanted.has(idOf(row))),
  )
  const byId = new Map(versions.map((version) => [idOf(version), version]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

function modelVersionTarget(dialect: Database['dialect']): SearchTarget {
  const text = (name: string, nullable = true) =>
    ({ column: sql.ref(`v.${name}`), type: 'text', nullable }) as const
  const number = (name: string) => ({ column: sql.ref(`v.${name}`), type: 'number' }) as const
  return {
    dialect,
    attributes: {
      name: text('model', false),
      run_id: text('run_id'),
      model_id: text('model_id'),
      source_path: text('source'),
      description: text('description'),
      user_id: text('user_id'),
      current_stage: text('stage', false),
      status: text('status', false),
      version_number: number('version'),
      creation_timestamp: number('created_at'),
      last_updated_timestamp: number('updated_at'),
      [rowKey]: { column: sql`cast(v.version as text) || '/' || v.model`, type: 'text' },
    },
    entries: ({ key }) => ({
      rows: sql`from model_version_tags as e
        where e.model = v.model and e.version = v.version and e.key = ${key}`,
      value: sql.ref('e.value'),
    }),
    sortValue: ({ key }) => ({
      value: sql`(select o.value from model_version_tags as o
        where o.model = v.model and o.version = v.version and o.key = ${key})`,
    }),
  }
}
