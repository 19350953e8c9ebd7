import { type AggregateFunction, type ColumnType, type Definition, fail } from '@millrace/protocol'
import type { Lake } from '../../ports/lake.ts'
import { checkExpression, checkQuery } from '../data/index.ts'
import {
  columnsOfDataset,
  columnsOfView,
  type Lookup,
  requestSchema,
  spineColumns,
} from '../definitions/index.ts'
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
  const tablesOf = (uses: readonly string[]) =>
    Object.fromEntries(
      uses.map((used) => {
        const one = find('dataset', used)
        if (!one) throw refuse(`its dataset "${used}" does not exist`)
        return [used, columnsOfDataset(one)]
      }),
    )
  if (kind === 'feature-view') {
    const dataset = find('dataset', definition.from)
    const entity = find('entity', definition.entity)
    if (!dataset || !entity) throw refuse('its dataset or its entity does not exist')
    const columns = columnsOfView(definition, dataset)
    if (definition.query) {
      const { sql, schema, uses } = definition.query
      await checkQuery(lake, { kind, name, sql, columns: schema, tables: tablesOf(uses) })
    }
    for (const [feature, one] of Object.entries(definition.features)) {
      if ('last' in one || one.sql === undefined) continue
      const at = { kind, name, field: `feature "${feature}"`, sql: one.sql, columns }
      await checkExpression(lake, { ...at, types: operandTypes(one.aggregate, one.type) })
    }
    const plan = await planView(lake, definition, { dataset, entity })
    for (const aggregate of plan.aggregates) {
      const types = valueTypes(aggregate.aggregate, plan.operands[aggregate.operand]?.fractional ?? false)
      if (types.includes(aggregate.type)) continue
      throw refuse(
        `feature "${aggregate.name}" is a ${aggregate.aggregate}, its type must be ${types.join(' or ')}`,
      )
    }
  }
  if (kind === 'training-set') {
    const { label } = definition
    const service = find('feature-service', definition.service)
    if (!service) throw refuse('its feature service does not exist')
    const { spine } = definition
    if (typeof spine === 'object' && 'sql' in spine)
      await checkQuery(lake, {
        ...{ kind, name, sql: spine.sql, columns: spine.schema },
        tables: tablesOf(spine.uses),
      })
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

const anyType: readonly ColumnType[] = ['string', 'int64', 'float64', 'boolean', 'timestamp']

/** What the expression of an aggregate may give. Whole numbers fit `float64`. */
function operandTypes(aggregate: AggregateFunction, type: ColumnType): readonly ColumnType[] {
  if (aggregate === 'sum' || aggregate === 'mean' || aggregate === 'std') return ['boolean', 'float64']
  return aggregate === 'distinct' ? anyType : [type]
}

/** What an aggregate may be declared as. */
function valueTypes(aggregate: AggregateFunction, fractional: boolean): readonly ColumnType[] {
  if (aggregate === 'mean' || aggregate === 'std' || (aggregate === 'sum' && fractional)) return ['float64']
  if (aggregate === 'sum' || aggregate === 'count' || aggregate === 'distinct') return ['int64', 'float64']
  return aggregate === 'min' || aggregate === 'max' ? ['int64', 'float64', 'timestamp'] : anyType
}
