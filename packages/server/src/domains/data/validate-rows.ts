import { type DatasetDefinition, type Expectation, fail, type Schema } from '@millrace/protocol'
import type { DatasetVersion } from './dataset-version.ts'
import type { Environment, PreviousVersion } from './expectations/rule.ts'
import { type ValidateInput, validate } from './expectations/validate.ts'
import type { IngestDeps } from './ingestion.ts'
import { keyColumnsOf } from './needed-expectations.ts'
import { type DataTables, findLatest } from './store.ts'
import { versionRelation } from './version-relation.ts'

interface RowsInput extends Pick<ValidateInput, 'format' | 'added'> {
  definition: DatasetDefinition
  expectations: readonly Expectation[]
  columns: Schema
  /** With the column `file_row_number`. */
  relation: string
  /** The version that they are compared with. */
  previous(): Promise<DatasetVersion | undefined>
  signal?: AbortSignal
}

/** Evaluates expectations on the rows of a version, registered or not. @throws `definition.invalid` */
export async function validateRows(
  deps: Pick<IngestDeps, 'db' | 'content' | 'lake' | 'clock' | 'definitions'>,
  { definition, expectations, columns, relation, previous, format, added, signal }: RowsInput,
): ReturnType<typeof validate> {
  const dataset = definition.name
  const tables = () => deps.db.tables<DataTables>()
  let opened: Promise<PreviousVersion | undefined> | undefined
  const environment: Environment = {
    lake: deps.lake,
    now: deps.clock.now(),
    relation,
    columns,
    signal,
    async rowsOf(other) {
      const found = await findLatest(tables(), other)
      if (!found) throw fail('dataset.version_not_found', { dataset: other, version: 'latest' })
      return found.rows
    },
    findPrevious() {
      opened ??= openPrevious()
      return opened
    },
  }
  async function openPrevious(): Promise<PreviousVersion | undefined> {
    const found = await previous()
    if (!found) return undefined
    const { version, rows, schema } = found
    return { version, rows, columns: schema, relation: await versionRelation(deps, found) }
  }
  const keys = (await keyColumnsOf(deps.definitions, definition)).filter((name) => name in columns)
  return validate({ dataset, expectations, environment, keys, format, added })
}
