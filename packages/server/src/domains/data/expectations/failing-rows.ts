import type { Expectation, Schema } from '@millrace/protocol'
import { quoteName } from '../../../kernel/sql.ts'
import { compile } from './compile.ts'
import { clause, createScan } from './scan.ts'

/**
 * All rows that fail an expectation about rows, as a query: `expectation` is its index, `file_row_number` the place of
 * the row. Ordered by both.
 */
export function failingRowsQuery(input: {
  dataset: string
  expectations: readonly Expectation[]
  columns: Schema
  keys: readonly string[]
  /** With the column `file_row_number`. */
  relation: string
}): string {
  const scan = createScan()
  const flags = input.expectations.flatMap((expectation, i) => {
    const { rule, rows } = compile(input, expectation, scan)
    return rows ? [{ i, sql: clause('', [rows.condition, rule.unexpected]).trim() }] : []
  })
  const keys = input.keys.filter((name) => name !== 'expectation').map(quoteName)
  const shown = ['file_row_number', ...keys].join(', ')
  const from = `WITH batch AS NOT MATERIALIZED (SELECT * FROM ${input.relation})`
  if (flags.length === 0) return `${from} SELECT 0 AS expectation, ${shown} FROM batch WHERE false`
  const indexes = flags.map(({ i, sql }) => `CASE WHEN ${sql} THEN ${i} END`)
  const list = `list_filter([${indexes.join(', ')}], one -> one IS NOT NULL)`
  return `${from} SELECT unnest(failed) AS expectation, ${shown}
    FROM (SELECT ${shown}, ${list} AS failed FROM batch) WHERE len(failed) > 0 ORDER BY expectation, file_row_number`
}
