import { type DatasetDefinition, fail } from '@millrace/protocol'
import type { Lake } from '../../ports/lake.ts'
import { columnsOfDataset } from '../definitions/index.ts'
import { checkExpectations } from './expectations/check.ts'
import { checkExpression } from './expression.ts'
import { checkMasks } from './masks.ts'
import { reservedColumns } from './part.ts'

/** Checks the names, the watermark, the SQL and the expectations of a dataset. @throws `definition.invalid` */
export async function checkDataset(lake: Lake, definition: DatasetDefinition): Promise<void> {
  const at = { kind: 'dataset', name: definition.name }
  const refuse = (reason: string) => fail('definition.invalid', { ...at, reason })
  const columns = columnsOfDataset(definition)
  const reserved = Object.keys(columns).find((name) =>
    reservedColumns.some((one) => one === name.toLowerCase()),
  )
  if (reserved) throw refuse(`the column name "${reserved}" is reserved`)
  checkMasks(definition)
  const { watermark, mode, source } = definition
  if (mode === 'append' && watermark === undefined && !('path' in source))
    throw refuse('the mode "append" needs a watermark where rows do not come from files')
  if (watermark !== undefined) {
    if (mode !== 'append') throw refuse('a watermark needs the mode "append"')
    if (columns[watermark] !== 'timestamp' && columns[watermark] !== 'int64')
      throw refuse(`watermark must name a timestamp or int64 column, got "${watermark}"`)
  }
  for (const [name, { sql, type }] of Object.entries(definition.derived)) {
    const field = `derived.${name}`
    await checkExpression(lake, { ...at, field, sql, types: [type], columns: definition.schema })
  }
  const { name: dataset, expectations } = definition
  await checkExpectations(lake, { dataset, expectations, columns })
}
