import type { Expectation, Schema } from '@millrace/protocol'
import { readKwargs } from './kwargs.ts'
import type { RowCounts } from './result.ts'
import { readRowCondition } from './row-condition.ts'
import type { Read, RowRule, ValueRule } from './rule.ts'
import { rules } from './rules.ts'
import type { createScan } from './scan.ts'

/** An expectation as it is computed: the rule, and for one about rows what counts them. */
export type Compiled = { expectation: Expectation; mostly: number } & (
  | { rule: ValueRule; rows?: undefined }
  | { rule: RowRule; rows: { condition?: string; count(read: Read): RowCounts } }
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
  const element = scan.aggregate('count(*)')
  const judged = scan.aggregate(rule.judgedCount ?? 'count(*)')
  const counted = rule.count === undefined ? scan.aggregate('count(*)', rule.unexpected) : undefined
  return {
    expectation,
    mostly,
    rule,
    rows: {
      condition,
      count: (read) => ({
        element: Number(read(element)),
        judged: Number(read(judged)),
        unexpected: counted === undefined ? (rule.count?.(read) ?? 0) : Number(read(counted)),
      }),
    },
  }
}
