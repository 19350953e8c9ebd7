import type { DatasetDefinition, Expectation } from '@millrace/protocol'
import type { DefinitionService } from '../definitions/index.ts'

type Definitions = Pick<DefinitionService, 'get' | 'list'>

/**
 * The definition's expectations, after those that point-in-time joins and appends rest on: event time, keys and the
 * watermark are there in every row.
 */
export async function expectationsOf(
  definitions: Definitions,
  definition: DatasetDefinition,
): Promise<Expectation[]> {
  const needed = [
    ...(await keyColumnsOf(definitions, definition)),
    ...(definition.watermark === undefined ? [] : [definition.watermark]),
    ...(await viewsOf(definitions, definition)).map((view) => view.timestamp),
  ]
  const type = 'expect_column_values_to_not_be_null' as const
  const asked = definition.expectations.filter((e) => e.type === type && e.severity === 'stop' && isWhole(e))
  const missing = new Set(needed.filter((column) => !asked.some((e) => e.kwargs.column === column)))
  return [
    ...[...missing].map((column) => ({ type, kwargs: { column }, severity: 'stop' as const })),
    ...definition.expectations,
  ]
}

/** The columns by which one finds a row again: event time and the keys of the entities that views on it have. */
export async function keyColumnsOf(
  definitions: Definitions,
  definition: DatasetDefinition,
): Promise<string[]> {
  const views = await viewsOf(definitions, definition)
  const entities = await Promise.all(views.map((view) => definitions.get('entity', view.entity)))
  return [...new Set([definition.timestamp, ...entities.flatMap((entity) => Object.keys(entity.key))])]
}

async function viewsOf(definitions: Definitions, { name }: DatasetDefinition) {
  return (await definitions.list('feature-view')).filter(
    // The columns of a query are not those of the dataset.
    (view) => view.from === name && view.query === undefined,
  )
}

/** Whether it is about all rows. */
function isWhole({ kwargs }: Expectation): boolean {
  return (kwargs.mostly ?? 1) === 1 && (kwargs.row_condition ?? undefined) === undefined
}
