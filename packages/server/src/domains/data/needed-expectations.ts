import type { DatasetDefinition, Expectation } from '@millrace/protocol'
import type { DefinitionService } from '../definitions/index.ts'

/**
 * The definition's expectations, after those that point-in-time joins and appends rest on: event time, keys and the
 * watermark are there in every row.
 */
export async function expectationsOf(
  definitions: Pick<DefinitionService, 'get' | 'list'>,
  definition: DatasetDefinition,
): Promise<Expectation[]> {
  const views = (await definitions.list('feature-view')).filter((view) => view.from === definition.name)
  const entities = await Promise.all(views.map((view) => definitions.get('entity', view.entity)))
  const needed = [
    definition.timestamp,
    ...(definition.watermark === undefined ? [] : [definition.watermark]),
    ...views.map((view) => view.timestamp),
    ...entities.flatMap((entity) => Object.keys(entity.key)),
  ]
  const type = 'expect_column_values_to_not_be_null' as const
  const asked = definition.expectations.filter((e) => e.type === type && e.severity === 'stop' && !e.mostly)
  const missing = new Set(needed.filter((column) => !asked.some((e) => e.column === column)))
  return [
    ...[...missing].map((column) => ({ type, column, kwargs: {}, severity: 'stop' as const })),
    ...definition.expectations,
  ]
}
