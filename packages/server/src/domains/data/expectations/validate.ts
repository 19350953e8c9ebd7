import type { Expectation } from '@millrace/protocol'
import { type ExpectationResult, summarise, type ValidationResult } from '../validation.ts'
import { compile } from './compile.ts'
import { type ResultFormat, rowResult, toResult } from './result.ts'
import type { AddedRows, RowTotals } from './row-totals.ts'
import type { Environment, ValueRule } from './rule.ts'
import { takeSamples } from './samples.ts'
import { createScan, type Ref } from './scan.ts'

export interface ValidateInput {
  dataset: string
  expectations: readonly Expectation[]
  /** The relation has the column `file_row_number` too: the places of the rows, from 0. */
  environment: Environment
  /** Columns by which a failing row can be found again; samples show them. */
  keys?: readonly string[]
  format?: ResultFormat
  /** Those rows of the relation that come after others of which something is known. */
  added?: AddedRows
}

/**
 * Evaluates all expectations. One statement gives every aggregate and count, whatever their number; a second one, if
 * there are failing rows, their samples. What a single expectation needs beside it (a query of the user's own, the
 * version before) is read on its own. Of rows that were added to others only these are read, wherever the result is
 * exactly that of reading all; `totals` is what to keep for it.
 * @throws `definition.invalid` for an expectation whose kwargs make no sense for the columns
 */
export async function validate(
  input: ValidateInput,
): Promise<{ result: ValidationResult; totals: RowTotals }> {
  const { environment, added, keys = [], format = 'SUMMARY' } = input
  const { lake, relation, signal } = environment
  const scan = createScan()
  const table = { dataset: input.dataset, columns: environment.columns }
  const compiled = input.expectations.map((expectation) => compile(table, expectation, scan))
  const { found, totals: aggregates } = await scan.run(lake, relation, { signal, added })
  const read = (ref: Ref) => found[ref]
  const counts = compiled.map(({ rows }) => rows?.count(read))
  const { samples, totals } =
    format === 'BOOLEAN_ONLY'
      ? { samples: new Map(), totals: new Map() }
      : await takeSamples(environment, compiled, counts, { keys, added })
  const results: ExpectationResult[] = []
  for (const [i, one] of compiled.entries()) {
    const counted = counts[i]
    const judgement =
      one.rows && counted
        ? rowResult({ ...one, counts: counted, sample: samples.get(i), format })
        : await (one.rule as ValueRule).judge(read, environment)
    results.push(toResult(one.expectation, judgement, format))
  }
  const result = summarise(results, { dataset: input.dataset, now: environment.now })
  return { result, totals: { aggregates, samples: totals } }
}
