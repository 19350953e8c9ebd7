import { type DatasetDefinition, type Expectation, fail, type Schema } from '@millrace/protocol'
import type { Environment, PreviousVersion } from './expectations/rule.ts'
import { type ValidateInput, validate } from './expectations/validate.ts'
import type { IngestDeps } from './ingestion.ts'
import { keyColumnsOf } from './needed-expectations.ts'
import { openParts, partsRelation } from './part.ts'
import { listParts } from './part-store.ts'
import { type DataTables, findLatest, findVersionBefore } from './store.ts'
import type { ValidationResult } from './validation.ts'

interface RowsInput extends Pick<ValidateInput, 'format'> {
  definition: DatasetDefinition
  expectations: readonly Expectation[]
  columns: Schema
  /** With the column `file_row_number`. */
  relation: string
  /** The version that the rows are, or are going to be. */
  version: string
  signal?: AbortSignal
}

/** Evaluates expectations on the rows of a version, registered or not. @throws `definition.invalid` */
export async function validateRows(
  deps: Pick<IngestDeps, 'db' | 'content' | 'lake' | 'clock' | 'definitions'>,
  { definition, expectations, columns, relation, version, format, signal }: RowsInput,
): Promise<ValidationResult> {
  const dataset = definition.name
  const tables = () => deps.db.tables<DataTables>()
  let previous: Promise<PreviousVersion | undefined> | undefined
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
      previous ??= openPrevious()
      return previous
    },
  }
  async function openPrevious(): Promise<PreviousVersion | undefined> {
    const found = await findVersionBefore(tables(), dataset, version)
    if (!found) return undefined
    const parts = await listParts(tables(), found)
    const files = await openParts(deps.content, parts)
    const previousRelation = partsRelation(parts.map(({ rows }, i) => ({ path: files[i], rows })))
    return { version: found.version, rows: found.rows, columns: found.schema, relation: previousRelation }
  }
  const keys = (await keyColumnsOf(deps.definitions, definition)).filter((name) => name in columns)
  return validate({ dataset, expectations, environment, keys, format })
}
