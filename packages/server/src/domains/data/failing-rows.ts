import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition, Expectation, Schema } from '@millrace/protocol'
import { failingRowsQuery } from './expectations/failing-rows.ts'
import type { IngestDeps } from './ingestion.ts'
import { keyColumnsOf } from './needed-expectations.ts'

interface FailingRowsInput {
  definition: DatasetDefinition
  expectations: readonly Expectation[]
  columns: Schema
  /** With the column `file_row_number`. */
  relation: string
  signal?: AbortSignal
}

type Deps = Pick<IngestDeps, 'lake' | 'definitions'>

/**
 * Writes all failing rows as a Parquet file: the index of the expectation, the place of the row (from 0), and the
 * columns by which it is found again. @returns the number of rows; a row counts once for each expectation that it fails
 */
export async function writeFailingRows(
  { lake, definitions }: Deps,
  path: string,
  { definition, expectations, columns, relation, signal }: FailingRowsInput,
): Promise<number> {
  const keys = (await keyColumnsOf(definitions, definition)).filter((name) => name in columns)
  const { name: dataset } = definition
  const query = failingRowsQuery({ dataset, expectations, columns, keys, relation })
  return lake.writeParquet(query, path, { signal })
}

/** Puts the failing rows of a version that is not going to be kept into the content store. */
export async function keepFailingRows(
  deps: Deps & Pick<IngestDeps, 'content'>,
  scratch: string,
  input: FailingRowsInput,
): Promise<{ digest: string; bytes: number; rows: number } | undefined> {
  const path = join(scratch, 'failing.parquet')
  const rows = await writeFailingRows(deps, path, input)
  if (rows === 0) return undefined
  const { digest } = await deps.content.putFile(path)
  return { digest, bytes: (await stat(path)).size, rows }
}
