import type { ColumnType, LabelDefinition, LabelWindow } from '@millrace/protocol'
import type { ColumnSpec, Row } from './column.ts'
import type { Compilable } from './compilable.ts'
import type { Dataset } from './dataset.ts'
import { type Duration, parseDuration } from './duration.ts'
import type { Entity } from './entity.ts'
import { checkColumnNames } from './names.ts'

/** What a model learns to predict. */
export interface Label<N extends string = string, T extends ColumnType = ColumnType> {
  readonly name: N
  readonly type: T
  readonly sql: string
  readonly window?: LabelWindow
  /** What the window refers to. */
  readonly uses: readonly Compilable[]
}

/** Where labels are that are known only later: events of the row's key with `t < event time <= t + within`. */
export interface LabelEvents<T extends ColumnType> {
  from: Dataset
  /** Whose key columns say which events are of a row; the spine must have them. */
  entity: Entity
  within: Duration
  /**
   * Of the events that have a value: the `first` (default) or `last` one's, or with `count` how many there are for
   * which the expression is true.
   */
  take?: 'first' | 'last' | 'count'
  /**
   * The label of a row without any event in its window, once the window is over. Default: none. A window is over when
   * the dataset has an event after it; until then `last` and `count` have no value either.
   */
  otherwise?: Row<Record<'value', T>>['value']
  /** Default: the timestamp of the dataset. */
  timestamp?: string
}

/**
 * The label as a SQL scalar expression: over the spine, as in `label('late', t.boolean(), 'delay > 15')`, or over
 * events that happen later, as in `label('churned', t.boolean(), 'true', { from: cancellations, entity: customer,
 * within: '30d', otherwise: false })`.
 * @throws TypeError for a bad name or duration, an entity whose key the events do not have, a count that is no int64
 */
export function label<N extends string, T extends ColumnType>(
  name: N,
  spec: ColumnSpec<T>,
  expression: string,
  events?: LabelEvents<T>,
): Label<N, T> {
  const owner = `label "${name}"`
  checkColumnNames(owner, [name])
  const plain = { name, type: spec.type, sql: expression }
  if (!events) return { ...plain, uses: [] }
  const { from, entity, take = 'first', otherwise } = events
  for (const [column, type] of Object.entries(entity.key)) {
    if (from.columns[column] !== type)
      throw new TypeError(
        `${owner}: dataset "${from.name}" has no ${type} column "${column}", the entity's key`,
      )
  }
  if (take === 'count' && spec.type !== 'int64') throw new TypeError(`${owner}: a count is an int64`)
  const window: LabelWindow = {
    dataset: from.name,
    entity: entity.name,
    timestamp: events.timestamp ?? from.timestamp,
    windowMs: parseDuration(events.within, `${owner}: within`),
    take,
    ...(otherwise !== undefined && { otherwise: literalOf(otherwise) }),
  }
  return { ...plain, window, uses: [from, entity] }
}

function literalOf(value: unknown): string | number | boolean {
  return value instanceof Date ? value.getTime() : (value as string | number | boolean)
}

export function compileLabel({ name, type, sql, window }: Label): LabelDefinition {
  return { name, type, sql, ...(window && { window }) }
}
