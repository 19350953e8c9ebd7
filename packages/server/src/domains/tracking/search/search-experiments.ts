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
import type { Experiment, View } from '../experiment.ts'
import { experimentFromRow, listExperimentTags } from '../experiment-store.ts'
import type { Db, TrackingTables } from '../tables.ts'
import { experimentVocabulary } from './vocabulary.ts'

export interface SearchExperimentsInput extends SearchInput {
  /** `active` by default. */
  view?: View
}

/** The newest first, without an order. */
export async function searchExperiments(
  db: Database,
  input: SearchExperimentsInput,
): Promise<SearchPage<Experiment>> {
  const { view = 'active' } = input
  const { found, ...page } = await searchTable(db.longReads<unknown>(), {
    input,
    vocabulary: experimentVocabulary,
    target: experimentTarget(db.dialect),
    from: sql`from experiments as x`,
    where: view === 'all' ? [] : [sql`x.lifecycle_stage = ${view}`],
    scope: { experiments: view },
    complete: (order) =>
      order.length > 0
        ? completeOrder(order, [['experiment_id', true]])
        : completeOrder(
            [],
            [
              ['creation_time', true],
              ['experiment_id', false],
            ],
          ),
    key: 'experiment_id',
  })
  const tables = db.longReads<TrackingTables>()
  return { items: await loadInParts(found.map(Number), (ids) => loadExperiments(tables, ids)), ...page }
}

async function loadExperiments(db: Db, ids: readonly number[]): Promise<Experiment[]> {
  const rows = await db.selectFrom('experiments').selectAll().where('id', 'in', ids).execute()
  const tags = await listExperimentTags(db, ids.map(String))
  const experiments = new Map(rows.map((row) => [row.id, experimentFromRow(row)]))
  return ids.flatMap((id) => {
    const experiment = experiments.get(id)
    return experiment ? [{ ...experiment, tags: tags.get(String(id)) ?? {} }] : []
  })
}

function experimentTarget(dialect: Database['dialect']): SearchTarget {
  return {
    dialect,
    attributes: {
      experiment_id: { column: sql.ref('x.id'), type: 'number' },
      name: { column: sql.ref('x.name'), type: 'text' },
      artifact_location: { column: sql.ref('x.artifact_location'), type: 'text' },
      creation_time: { column: sql.ref('x.created_at'), type: 'number' },
      last_update_time: { column: sql.ref('x.updated_at'), type: 'number' },
    },
    entries: ({ key }) => ({
      rows: sql`from experiment_tags as e where e.experiment_id = x.id and e.key = ${key}`,
      value: sql.ref('e.value'),
    }),
    sortValue: ({ key }) => ({
      value: sql`(select o.value from experiment_tags as o where o.experiment_id = x.id and o.key = ${key})`,
    }),
  }
}
