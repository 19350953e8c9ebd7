import { quoteName } from '../../../kernel/sql.ts'
import type { Compile } from './rule.ts'
import { clause } from './scan.ts'

/** Unexpected rows that a result shows. */
const shown = 20

/** A query of the user's own over `{batch}`: each row that it gives is one too many. */
const unexpectedRows: Compile = (kwargs, scan) => {
  const query = batchQuery(kwargs.text('unexpected_rows_query'))
  if (query === undefined) throw kwargs.refuse('needs a query that reads {batch}')
  return {
    async judge(_read, { lake, relation, columns, signal }) {
      const names = Object.keys(columns).map(quoteName).join(', ')
      const batch = `WITH batch AS (SELECT ${names} FROM ${relation}${clause('WHERE', [scan.condition])})`
      const [{ n }] = await lake.rows<{ n: number }>(`${batch} SELECT count(*) AS n FROM (${query}\n)`, {
        signal,
      })
      const rows =
        n === 0 ? [] : await lake.rows(`${batch} SELECT * FROM (${query}\n) LIMIT ${shown}`, { signal })
      return {
        success: n === 0,
        result: {
          observed_value: n,
          details: { unexpected_rows: rows },
        },
      }
    },
  }
}

/** The query with the name of the judged rows put in; undefined if it does not read them. */
export function batchQuery(query: string): string | undefined {
  return query.includes('{batch}') ? query.replaceAll('{batch}', 'batch') : undefined
}

export const unexpectedRowsRules = { unexpected_rows_expectation: unexpectedRows } satisfies Record<
  string,
  Compile
>
