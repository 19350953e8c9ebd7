import { sql } from 'kysely'
import type { Database } from '../../../ports/database.ts'
import {
  completeOrder,
  loadInParts,
  type SearchInput,
  type SearchPage,
  type SearchTarget,
  searchTable,
} from '../../search/index.ts'
import { completeModels } from '../model-store.ts'
import type { RegisteredModel } from '../model-version.ts'
import type { Db, RegistryTables } from '../tables.ts'
import { withoutPrompts } from './prompts.ts'
import { registeredModelVocabulary } from './vocabulary.ts'

/** By name, without an order. In the mlflow dialect prompts are left out unless the filter asks for them. */
export async function searchRegisteredModels(
  db: Database,
  input: SearchInput,
): Promise<SearchPage<RegisteredModel>> {
  const { found, ...page } = await searchTable(db.longReads<unknown>(), {
    input,
    vocabulary: registeredModelVocabulary,
    target: registeredModelTarget(db.dialect),
    from: sql`from registered_models as m`,
    where: [],
    scope: { registeredModels: true },
    key: 'name',
    complete: (order) => completeOrder(order, [['name', false]]),
    ...(input.dialect === 'mlflow' ? { adapt: withoutPrompts } : {}),
  })
  const tables = db.longReads<RegistryTables>()
  return { items: await loadInParts(found.map(String), (names) => loadModels(tables, names)), ...page }
}

async function loadModels(db: Db, names: readonly string[]): Promise<RegisteredModel[]> {
  const rows = await db.selectFrom('registered_models').selectAll().where('name', 'in', names).execute()
  const models = new Map((await completeModels(db, rows)).map((model) => [model.name, model]))
  return names.flatMap((name) => models.get(name) ?? [])
}

function registeredModelTarget(dialect: Database['dialect']): SearchTarget {
  return {
    dialect,
    attributes: {
      name: { column: sql.ref('m.name'), type: 'text' },
      description: { column: sql.ref('m.description'), type: 'text', nullable: true },
      user_id: { column: sql.ref('m.user_id'), type: 'text', nullable: true },
      creation_timestamp: { column: sql.ref('m.created_at'), type: 'number' },
      last_updated_timestamp: { column: sql.ref('m.updated_at'), type: 'number' },
    },
    entries: ({ key }) => ({
      rows: sql`from registered_model_tags as e where e.model = m.name and e.key = ${key}`,
      value: sql.ref('e.value'),
    }),
    sortValue: ({ key }) => ({
      value: sql`(select o.value from registered_model_tags as o where o.model = m.name and o.key = ${key})`,
    }),
  }
}
