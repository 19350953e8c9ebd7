import { type Expectation, fail, isPlatformError, type Schema } from '@millrace/protocol'
import { quoteName } from '../../../kernel/sql.ts'
import type { Lake } from '../../../ports/lake.ts'
import { emptyRelation } from '../column-types.ts'
import { checkExpression } from '../expression.ts'
import { compile } from './compile.ts'
import { sqlConditionOf } from './row-condition.ts'
import { checkRowsQuery } from './rows-query.ts'
import { createScan } from './scan.ts'
import { batchQuery } from './unexpected-rows.ts'

/** What a dataset may have of them: each costs a few columns of one statement. */
const maxExpectations = 1000

/**
 * Checks the kwargs of expectations, the SQL that a user wrote, and by a run over no rows all that only the engine
 * knows: regular expressions, formats, types.
 * @throws `definition.invalid` naming the expectation
 */
export async function checkExpectations(
  lake: Lake,
  {
    dataset,
    expectations,
    columns,
  }: { dataset: string; expectations: readonly Expectation[]; columns: Schema },
): Promise<void> {
  const at = { kind: 'dataset', name: dataset }
  if (expectations.length > maxExpectations)
    throw fail('definition.invalid', {
      ...at,
      reason: `it has ${expectations.length} expectations; at most ${maxExpectations} are taken`,
    })
  const relation = `(SELECT *, 0::BIGINT AS file_row_number FROM ${emptyRelation(columns)})`
  const run = async (some: readonly Expectation[]) => {
    const scan = createScan()
    for (const one of some) compile({ dataset, columns }, one, scan)
    await scan.run(lake, relation)
  }
  for (const one of expectations) {
    const condition = sqlConditionOf(one)
    if (condition !== undefined) {
      const field = `the row_condition of ${one.type}`
      await checkExpression(lake, { ...at, field, sql: condition, types: ['boolean'], columns })
    }
  }
  try {
    await run(expectations)
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
    for (const one of expectations) await named(at, one, () => run([one]))
    throw error
  }
  for (const one of expectations) {
    const { unexpected_rows_query: text } = one.kwargs
    const query = one.type === 'unexpected_rows_expectation' ? batchQuery(String(text)) : undefined
    if (query === undefined) continue
    await checkRowsQuery(lake, { ...at, field: 'the unexpected_rows_query', sql: query, tables: ['batch'] })
    const names = Object.keys(columns).map(quoteName).join(', ')
    await named(at, one, () =>
      lake.rows(`WITH batch AS (SELECT ${names} FROM ${relation}) SELECT count(*) FROM (${query}\n)`),
    )
  }
}

/** Runs work for one expectation; what the engine refuses is the expectation's fault. */
async function named(
  at: { kind: string; name: string },
  { type, kwargs }: Expectation,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
    const column = kwargs.column === undefined ? '' : ` of column "${String(kwargs.column)}"`
    throw fail(
      'definition.invalid',
      { ...at, reason: `the expectation ${type}${column} cannot be run: ${error.details.reason}` },
      error,
    )
  }
}
