import { sql } from 'kysely'
import type { Database } from '../../../ports/database.ts'
import type { EntrySource, Field, SearchTarget, Sql } from '../../search/index.ts'

const tables = { parameter: 'run_params', tag: 'run_tags', metric: 'run_latest_metrics' } as const

const column = (name: string) => sql.ref(`r.${name}`)

/** Runs, as the alias `r`. */
export function createRunTarget(dialect: Database['dialect']): SearchTarget {
  return {
    dialect,
    attributes: {
      run_id: { column: column('id'), type: 'text' },
      run_name: { column: column('name'), type: 'text' },
      status: { column: column('status'), type: 'text' },
      user_id: { column: column('user_id'), type: 'text' },
      artifact_uri: { column: column('artifact_uri'), type: 'text' },
      experiment_id: { column: column('experiment_id'), type: 'number' },
      start_time: { column: column('started_at'), type: 'number' },
      end_time: { column: column('ended_at'), type: 'number', nullable: true },
    },
    entries(field) {
      if (field.kind === 'dataset') return datasetOf(field.key)
      return {
        rows: sql`from ${tableOf(field)} as e where e.run_id = r.id and e.key = ${field.key}`,
        value: sql.ref('e.value'),
        ...(field.kind === 'metric' ? { special: sql.ref('e.special') } : {}),
      }
    },
    sortValue(field, index) {
      const alias = `o${index}`
      return {
        join: sql`left join ${tableOf(field)} as ${sql.ref(alias)}
          on ${sql.ref(`${alias}.run_id`)} = r.id and ${sql.ref(`${alias}.key`)} = ${field.key}`,
        value: sql.ref(`${alias}.value`),
        ...(field.kind === 'metric' ? { special: sql.ref(`${alias}.special`) } : {}),
      }
    },
  }
}

function tableOf({ kind }: Field): Sql {
  if (kind === 'attribute' || kind === 'dataset') throw new TypeError(`A run has no table of ${kind}s`)
  return sql.table(tables[kind])
}

/** Datasets that went into the run; the context is a tag of the input. */
function datasetOf(key: string): EntrySource {
  if (key === 'context') {
    return {
      rows: sql`from run_input_tags as e where e.run_id = r.id and e.key = 'mlflow.data.context'`,
      value: sql.ref('e.value'),
    }
  }
  return {
    rows: sql`from run_inputs as i join datasets_logged as e on e.id = i.dataset_id where i.run_id = r.id`,
    value: sql.ref(`e.${key}`),
  }
}
