import type { FeatureDefinition, FeatureViewDefinition, Schema } from '@millrace/protocol'
import { type ColumnsOf, columnsOf, type HasColumns, type KeysOfType } from './column.ts'
import type { Compilable } from './compilable.ts'
import type { Dataset } from './dataset.ts'
import { compileDescribed, type Described } from './described.ts'
import { type Duration, parseDuration } from './duration.ts'
import type { Entity } from './entity.ts'
import type { Feature } from './feature.ts'
import { compileFeatureOptions } from './feature-options.ts'
import { checkColumnNames, checkName } from './names.ts'
import type { Query } from './query.ts'

/** Features of an entity computed from a dataset. `K`: the entity's key, `F`: feature -> type. */
export interface FeatureView<K extends Schema = Schema, F extends Schema = Schema> extends Compilable {
  readonly kind: 'feature-view'
  readonly key: K
  readonly features: F
}

type Features = Readonly<Record<string, Feature>>
type TypesOf<F extends Features> = { [K in keyof F]: F[K]['type'] }

interface FeatureViewOptions<K extends Schema, S extends Schema, F extends Features> extends Described {
  entity: Entity<K>
  /** Dataset of the events, or a query over several ({@link sql}); it must have the entity's key columns. */
  from: (Dataset<S> | Query<S>) & HasColumns<S, K>
  /** Column that says when a row became known, if that is later than the event. Default: the dataset's timestamp. */
  timestamp?: KeysOfType<S, 'timestamp'>
  /**
   * Column that says when a row was written, if that can be later than its time: a value is used from then on only, in
   * training and online. Of rows of one time the one that was written last counts. Not for windows.
   */
  created?: KeysOfType<S, 'timestamp'>
  /** Age after which a value may no longer be used. Default: none. */
  ttl?: Duration
  /** Windows end on multiples of this, and must be multiples of it. Default: one hour. */
  every?: Duration
  /**
   * Lets events come over HTTP, too. `id`: the column that tells events apart; one that comes again is ignored. Events
   * that are older than the latest one by more than `allowedLateness` are dropped. The dataset must have the mode
   * `append` and no watermark; all its views share the events. `topic`: takes the events of this topic as well.
   */
  stream?: { id: KeysOfType<S, 'string' | 'int64'>; allowedLateness: Duration; topic?: string }
  /**
   * Bounds of what a materialization writes; a feature that leaves them is told as an event. `nulls`: the share of
   * nulls. `drift`: the population stability index against the materialization before; 0.2 is a marked change.
   */
  watch?: { nulls?: number; drift?: number }
  features: (columns: ColumnsOf<S>) => F
}

/**
 * Defines features of an entity. The same definition gives point-in-time correct training columns and the values
 * that serving looks up.
 * @throws TypeError for a bad name or duration, or a window that is not a multiple of `every`.
 */
export function featureView<K extends Schema, S extends Schema, F extends Features>(
  name: string,
  options: FeatureViewOptions<K, S, F>,
): FeatureView<K, TypesOf<F>> {
  const owner = `feature view "${name}"`
  checkName('feature view', name)
  const { entity, from } = options
  if (options.stream?.topic !== undefined) checkName('topic', options.stream.topic)
  const { watch } = options
  if (watch) {
    checkBound(`${owner}: watch.nulls`, watch.nulls, 1)
    checkBound(`${owner}: watch.drift`, watch.drift, Number.MAX_VALUE)
  }
  const hopMs = parseDuration(options.every ?? '1h', `${owner}: every`)
  const features = options.features(columnsOf(`${from.kind} "${from.name}"`, from.columns as S))
  checkColumnNames(owner, Object.keys(features))
  for (const [key, type] of Object.entries(entity.key)) {
    if (from.columns[key] !== type)
      throw new TypeError(
        `${owner}: ${from.kind} "${from.name}" has no ${type} column "${key}", the entity's key`,
      )
  }
  const definition: FeatureViewDefinition = {
    kind: 'feature-view',
    name,
    ...compileDescribed(owner, options),
    entity: entity.name,
    from: from.kind === 'query' ? from.uses[0].name : from.name,
    ...(from.kind === 'query' && {
      query: { sql: from.sql, uses: from.uses.map(({ name }) => name), schema: from.columns },
    }),
    timestamp: options.timestamp ?? from.timestamp,
    ...(options.created !== undefined && { created: options.created }),
    ttlMs: options.ttl === undefined ? null : parseDuration(options.ttl, `${owner}: ttl`),
    hopMs,
    ...(options.stream && {
      stream: {
        id: options.stream.id,
        allowedLatenessMs: parseDuration(options.stream.allowedLateness, `${owner}: allowedLateness`),
        ...(options.stream.topic !== undefined && { topic: options.stream.topic }),
      },
    }),
    ...(watch && { watch }),
    features: Object.fromEntries(
      Object.entries(features).map(([feature, spec]) => [
        feature,
        toWire(spec, `${owner}: feature "${feature}"`, hopMs),
      ]),
    ),
    ...compileFeatureOptions(owner, features),
  }
  return {
    kind: 'feature-view',
    name,
    key: entity.key,
    features: Object.fromEntries(
      Object.entries(features).map(([feature, { type }]) => [feature, type]),
    ) as TypesOf<F>,
    uses: [entity, ...(from.kind === 'query' ? from.uses : [from])],
    functions: [],
    compile: () => definition,
  }
}

function checkBound(what: string, bound: unknown, most: number): void {
  if (bound === undefined || (typeof bound === 'number' && bound >= 0 && bound <= most)) return
  const range = most === 1 ? 'a share from 0 to 1' : 'a number from 0 on'
  throw new TypeError(`${what} must be ${range}, got ${JSON.stringify(bound)}`)
}

function toWire(feature: Feature, owner: string, hopMs: number): FeatureDefinition {
  if ('last' in feature) return { type: feature.type, last: feature.last }
  const { window, options: _, ...rest } = feature
  const windowMs = parseDuration(window, `${owner}: window`)
  if (windowMs % hopMs !== 0) {
    throw new TypeError(
      `${owner}: the window "${window}" is not a multiple of the view's "every" (${hopMs} ms)`,
    )
  }
  const { rank } = feature
  if (rank !== undefined && !(Number.isInteger(rank) && rank >= 1 && rank <= 100))
    throw new TypeError(`${owner}: rank must be a whole number from 1 to 100, got ${rank}`)
  return { ...rest, windowMs }
}
