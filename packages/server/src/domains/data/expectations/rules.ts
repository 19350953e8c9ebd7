import type { ExpectationType } from '@millrace/protocol'
import { columnAggregates } from './column-aggregates.ts'
import { columnRows } from './column-rows.ts'
import { columnTypeRules } from './column-type-rules.ts'
import { distinctValues } from './distinct-values.ts'
import { klDivergenceRules } from './kl-divergence.ts'
import { orderRows } from './order-rows.ts'
import { previousRules } from './previous-rules.ts'
import type { Compile } from './rule.ts'
import { severalColumns } from './several-columns.ts'
import { tableRules } from './table-rules.ts'
import { textRows } from './text-rows.ts'
import { unexpectedRowsRules } from './unexpected-rows.ts'

/** All types of expectations. A new one: its rule in a file of its family, and its kwargs in the protocol. */
export const rules: Record<ExpectationType, Compile> = {
  ...columnRows,
  ...textRows,
  ...orderRows,
  ...distinctValues,
  ...columnAggregates,
  ...klDivergenceRules,
  ...columnTypeRules,
  ...severalColumns,
  ...tableRules,
  ...unexpectedRowsRules,
  ...previousRules,
}
