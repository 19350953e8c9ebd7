import type { Expectation, Schema } from '@millrace/protocol'
import { readKwargs } from './kwargs.ts'
import { readRowCondition } from './row-condition.ts'
import type { RowRule, ValueRule } from './rule.ts'
import { rules } from './rules.ts'
import type { createScan, Ref } from './scan.ts'

/** An expectation as it is computed: the rule, or for rows the rule and where its counts are. */
export type Compiled = { expectation: Expectation; mostly: number } & (
  | { rule: ValueRule; rows?: undefined }
  | { rule: RowRule; rows: { condition?: string; element: Ref; judged: Ref; unexpected: Ref } }
)

/** The rule of an expectation, with all that it asks of the scan. @throws `definition.invalid` */
export function compile(
  { dataset, columns }: { dataset: string; columns: Schema },
  expectation: Expectation,
  all: ReturnType<typeof createScan>,
): Compiled {
  const kwargs = readKwargs(dataset, expectation, columns)
  const condition = readRowCondition(kwargs)
  const scan = all.under(condition)
  const rule = rules[expectation.type](kwargs, scan)
  if ('judge' in rule) {
    kwargs.finish()
    return { expectation, mostly: 1, rule }
  }
  const mostly = kwargs.mostly()
  kwargs.finish()
  return {
    expectation,
    mostly,
    rule,
    rows: {
      condition,
      element: scan.aggregate('count(*)'),
      judged: scan.aggregate('count(*)', rule.judged),
      unexpected: rule.count ?? scan.aggregate('count(*)', failing(rule)),
    },
  }
}

/** Boolean SQL: the row is judged and fails. */
export function failing({ judged, unexpected }: RowRule): string {
  return judged === undefined ? unexpected : `(${judged}) AND (${unexpected})`
}
