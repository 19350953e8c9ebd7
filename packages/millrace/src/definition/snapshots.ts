import type { Schema, TrainingSetDefinition } from '@millrace/protocol'
import type { Compilable } from './compilable.ts'
import type { Dataset } from './dataset.ts'
import { type Duration, parseDuration } from './duration.ts'
import type { Entity } from './entity.ts'
import type { Query } from './query.ts'

/** Examples where no dataset has them: see {@link snapshots}. */
export interface Snapshots {
  readonly kind: 'snapshots'
  readonly key: Schema
  readonly dataset: Dataset
  readonly entity: Entity
  readonly everyMs: number
}

/**
 * A spine out of times: every key of the dataset at each multiple of `every` (midnights, UTC, with `'1d'`), from the
 * key's first row on, in the range that the training set is built for.
 * @throws TypeError for a bad duration, or a dataset without the entity's key
 */
export function snapshots(options: { of: Dataset; entity: Entity; every: Duration }): Snapshots {
  const { of: dataset, entity, every } = options
  const owner = `snapshots of "${dataset.name}"`
  for (const [column, type] of Object.entries(entity.key)) {
    if (dataset.columns[column] !== type)
      throw new TypeError(
        `${owner}: there is no ${type} column "${column}", the key of the entity "${entity.name}"`,
      )
  }
  const everyMs = parseDuration(every, `${owner}: every`)
  return { kind: 'snapshots', key: entity.key, dataset, entity, everyMs }
}

export function compileSpine(spine: Dataset | Query | Snapshots): TrainingSetDefinition['spine'] {
  if (spine.kind === 'dataset') return spine.name
  if (spine.kind === 'query')
    return { sql: spine.sql, uses: spine.uses.map((used) => used.name), schema: spine.columns }
  return { dataset: spine.dataset.name, entity: spine.entity.name, everyMs: spine.everyMs }
}

export function usesOfSpine(spine: Dataset | Query | Snapshots): readonly Compilable[] {
  if (spine.kind === 'query') return spine.uses
  return spine.kind === 'dataset' ? [spine] : [spine.dataset, spine.entity]
}
