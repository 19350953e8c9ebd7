import { valueRule } from './column-rows.ts'
import type { Compile } from './rule.ts'

/** Each value against the one before it in the order of the rows, nulls skipped; the first one passes. */
const inOrder =
  (direction: 'increasing' | 'decreasing'): Compile =>
  (kwargs, scan) => {
    const column = kwargs.column(['int64', 'float64', 'timestamp', 'string'])
    const strictly = kwargs.flag('strictly', false)
    const wrong = { increasing: strictly ? '<=' : '<', decreasing: strictly ? '>=' : '>' }[direction]
    const present = scan.rows([column], `${column.sql} IS NOT NULL`)
    const steps = `(SELECT file_row_number AS place, ${column.sql} AS value,
      lag(${column.sql}) OVER (ORDER BY file_row_number) AS earlier FROM ${present})`
    return valueRule(column, `file_row_number IN (SELECT place FROM ${steps} WHERE value ${wrong} earlier)`)
  }

/** z = (x - mean) / sample standard deviation; rows fail where it is not below the threshold. */
const zScores: Compile = (kwargs, scan) => {
  const column = kwargs.column(['int64', 'float64'])
  const threshold = kwargs.number('threshold')
  const doubleSided = kwargs.flag('double_sided', true)
  const moments = (aggregate: string) => `(SELECT ${aggregate}(${column.sql}) FROM ${scan.rows([column])})`
  const z = `(${column.sql} - ${moments('avg')}) / ${moments('stddev_samp')}`
  const passes = doubleSided ? `abs(${z}) < ${Math.abs(threshold)}` : `${z} < ${threshold}`
  // Equal values have no deviation and no z: nothing says that they pass.
  return valueRule(column, `${column.sql} IS NOT NULL AND (${passes}) IS NOT TRUE`)
}

export const orderRows = {
  expect_column_values_to_be_increasing: inOrder('increasing'),
  expect_column_values_to_be_decreasing: inOrder('decreasing'),
  expect_column_value_z_scores_to_be_less_than: zScores,
} satisfies Record<string, Compile>
