import { sql } from 'kysely'
import type { Database } from '../../../ports/database.ts'
import {
  completeOrder,
  loadInParts,
  missingIsEmpty,
  type OrderTerm,
  parseOrder,
  type SearchInput,
  type SearchPage,
  type SearchTarget,
  type Sql,
  searchTable,
} from '../../search/index.ts'
import type { View } from '../experiment.ts'
import type { LoggedModelDetail } from '../logged-model.ts'
import { loadLoggedModelDetails, loggedModelFromRow } from '../logged-model-store.ts'
import type { Db, TrackingTables } from '../tables.ts'
import { experimentNumbers } from './experiment-scope.ts'
import { loggedModelVocabulary } from './vocabulary.ts'

export interface DatasetName {
  name: string
  /** Any without one. */
  digest?: string
}

/** One term of an order by words, as MLflow's clients give it. */
export interface LoggedModelOrder {
  field: string
  descending?: boolean
  /** Of a metric: the dataset on which it was measured. */
  dataset?: DatasetName
}

export interface SearchLoggedModelsInput extends Omit<SearchInput, 'orderBy'> {
  /** Ids of experiments; all without it. */
  experiments?: readonly string[]
  /** `active` by default. */
  view?: View
  /**
   * Conditions on metrics look at values on one of these datasets only. Without such a condition a model needs any
   * value on one of them.
   */
  datasets?: readonly DatasetName[]
  orderBy?: readonly (string | LoggedModelOrder)[]
}

/**
 * Then the newest first. A condition on a metric is fulfilled by any value of the model, an order is by the latest
 * (by time, then step).
 */
export async function searchLoggedModels(
  db: Database,
  input: SearchLoggedModelsInput,
): Promise<SearchPage<LoggedModelDetail>> {
  const { experiments, view = 'active', datasets = [], orderBy = [], ...rest } = input
  const order = readOrder(orderBy, rest.dialect)
  const ids = experiments && experimentNumbers(experiments)
  const where: Sql[] = view === 'all' ? [] : [sql`m.lifecycle_stage = ${view}`]
  if (ids) where.push(ids.length === 0 ? sql`1 = 0` : sql`m.experiment_id in (${sql.join(ids)})`)
  const { found, ...page } = await searchTable(db.longReads<unknown>(), {
    input: rest,
    vocabulary: loggedModelVocabulary,
    target: loggedModelTarget(db.dialect, rest.dialect === 'mlflow', datasets, order),
    from: sql`from logged_models as m`,
    where: (filter) =>
      datasets.length > 0 && !filter.some(({ field }) => field.kind === 'metric')
        ? [
            ...where,
            sql`exists (select 1 from logged_model_metrics as e where e.model_id = m.id ${on('e', datasets)})`,
          ]
        : where,
    scope: { loggedModels: ids ?? null, view, datasets, order },
    order: order.map(({ term }) => term),
    complete: (terms) =>
      completeOrder(terms, [
        ['creation_timestamp', true],
        ['model_id', false],
      ]),
    key: 'model_id',
    ...(rest.dialect === 'mlflow'
      ? { adapt: (filter) => filter && missingIsEmpty(filter, ['source_run_id']) }
      : {}),
  })
  const tables = db.longReads<TrackingTables>()
  return { items: await loadInParts(found.map(String), (part) => loadModels(tables, part)), ...page }
}

interface Ordered {
  term: OrderTerm
  dataset?: DatasetName
}

function readOrder(
  orderBy: NonNullable<SearchLoggedModelsInput['orderBy']>,
  dialect: SearchInput['dialect'],
): Ordered[] {
  const texts = orderBy.map((term) =>
    typeof term === 'string' ? term : `${term.field} ${term.descending ? 'DESC' : 'ASC'}`,
  )
  const terms = parseOrder(texts, { vocabulary: loggedModelVocabulary, dialect: dialect ?? 'native' })
  return terms.map((term, i) => {
    const given = orderBy[i]
    return typeof given === 'object' && given.dataset ? { term, dataset: given.dataset } : { term }
  })
}

async function loadModels(db: Db, ids: readonly string[]): Promise<LoggedModelDetail[]> {
  const rows = await db.selectFrom('logged_models').selectAll().where('id', 'in', ids).execute()
  const models = new Map(rows.map((row) => [row.id, loggedModelFromRow(row)]))
  return loadLoggedModelDetails(
    db,
    ids.flatMap((id) => models.get(id) ?? []),
  )
}

/** `and` one of these datasets; nothing without any. */
function on(alias: string, datasets: readonly DatasetName[]): Sql {
  if (datasets.length === 0) return sql``
  const tests = datasets.map(({ name, digest }) =>
    digest === undefined
      ? sql`${sql.ref(`${alias}.dataset_name`)} = ${name}`
      : sql`(${sql.ref(`${alias}.dataset_name`)} = ${name} and ${sql.ref(`${alias}.dataset_digest`)} = ${digest})`,
  )
  return sql`and (${sql.join(tests, sql` or `)})`
}

function loggedModelTarget(
  dialect: Database['dialect'],
  isMlflow: boolean,
  datasets: readonly DatasetName[],
  order: readonly Ordered[],
): SearchTarget {
  const text = (name: string, nullable = false) =>
    ({ column: sql.ref(`m.${name}`), type: 'text', nullable }) as const
  const number = (name: string) => ({ column: sql.ref(`m.${name}`), type: 'number' }) as const
  const entryTable = (kind: string) => sql.table(kind === 'tag' ? 'logged_model_tags' : 'logged_model_params')
  return {
    dialect,
    attributes: {
      model_id: text('id'),
      name: text('name'),
      // In MLflow a model without a type has an empty one, which comes first.
      model_type: isMlflow
        ? { column: sql`coalesce(m.model_type, '')`, type: 'text' }
        : text('model_type', true),
      status: text('status'),
      status_message: text('status_message', true),
      source_run_id: text('source_run_id', true),
      artifact_uri: text('artifact_uri'),
      lifecycle_stage: text('lifecycle_stage'),
      experiment_id: number('experiment_id'),
      creation_timestamp: number('created_at'),
      last_updated_timestamp: number('updated_at'),
    },
    entries({ kind, key }) {
      const value = sql.ref('e.value')
      if (kind !== 'metric') {
        return { rows: sql`from ${entryTable(kind)} as e where e.model_id = m.id and e.key = ${key}`, value }
      }
      return {
        rows: sql`from logged_model_metrics as e where e.model_id = m.id and e.key = ${key} ${on('e', datasets)}`,
        value,
        special: sql.ref('e.special'),
      }
    },
    sortValue({ kind, key }, index) {
      if (kind !== 'metric') {
        return {
          value: sql`(select o.value from ${entryTable(kind)} as o where o.model_id = m.id and o.key = ${key})`,
        }
      }
      const dataset = order[index]?.dataset
      const latest = (column: string) => sql`(select ${sql.ref(`o.${column}`)} from logged_model_metrics as o
        where o.model_id = m.id and o.key = ${key} ${on('o', dataset ? [dataset] : [])}
        order by o.at desc, o.step desc, o.special, o.value desc, o.run_id, o.dataset_name, o.dataset_digest limit 1)`
      return { value: latest('value'), special: latest('special') }
    },
  }
}
