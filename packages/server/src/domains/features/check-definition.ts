import { type Definition, fail } from '@millrace/protocol'
import type { Lake } from '../../ports/lake.ts'
import { checkExpression } from '../data/index.ts'
import { columnsOfDataset, type Lookup, requestSchema, spineColumns } from '../definitions/index.ts'
import { planView } from './view-plan.ts'

/**
 * Checks the SQL of feature views and training sets; a validator of definitions. References are known to exist.
 * @throws `definition.invalid`
 */
export async function checkFeatureDefinition(
  lake: Lake,
  definition: Definition,
  find: Lookup,
): Promise<void> {
  const { kind, name } = definition
  const refuse = (reason: string) => fail('definition.invalid', { kind, name, reason })
  if (kind === 'feature-view') {
    const dataset = find('dataset', definition.from)
    const entity = find('entity', definition.entity)
    if (!dataset || !entity) throw refuse('its dataset or its entity does not exist')
    const columns = columnsOfDataset(dataset)
    for (const [feature, one] of Object.entries(definition.features)) {
      if ('last' in one || one.sql === undefined) continue
      const at = { kind, name, field: `feature "${feature}"`, sql: one.sql, columns }
      await checkExpression(lake, { ...at, types: ['boolean', 'float64'] })
    }
    const plan = await planView(lake, definition, { dataset, entity })
    for (const { name: feature, type, aggregate, operand } of plan.aggregates) {
      const fractional = operand >= 0 && plan.operands[operand].fractional
      const whole = aggregate === 'count' || (aggregate === 'sum' && !fractional)
      if (type !== 'float64' && !(whole && type === 'int64')) {
        throw refuse(
          `feature "${feature}" is a ${aggregate}, its type must be ${whole ? 'int64 or ' : ''}float64`,
        )
      }
    }
  }
  if (kind === 'training-set') {
    const { label } = definition
    const service = find('feature-service', definition.service)
    if (!service) throw refuse('its feature service does not exist')
    const taken = new Set([
      ...Object.keys(requestSchema(service, find)),
      ...service.featureViews.flatMap((view) => Object.keys(find('feature-view', view)?.features ?? {})),
      ...service.onDemandViews.flatMap((view) => Object.keys(find('on-demand-view', view)?.features ?? {})),
    ])
    if (!label) return
    if (taken.has(label.name)) throw refuse(`the label "${label.name}" has the name of another column`)
    const events = label.window && find('dataset', label.window.dataset)
    const columns = events ? columnsOfDataset(events) : spineColumns(definition, find)
    const type = label.window?.take === 'count' ? 'boolean' : label.type
    await checkExpression(lake, { kind, name, field: 'label.sql', sql: label.sql, types: [type], columns })
  }
}
