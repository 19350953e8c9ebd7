import type { About, EntityDefinition, FeatureViewDefinition, Schema } from '@millrace/protocol'
import { columnTypeOf, describeType } from './column-types.ts'
import { describedOf } from './described.ts'
import { CannotTranslate, type LeftOut } from './left-out.ts'
import { type FeastRegistry, type FeastView, pushSource, sourceTypes } from './registry.ts'
import { checkName, type createDatasets, readSource } from './sources.ts'

/** The entity that stands for none, in views without keys. */
const noEntity = '__dummy'
const hourMs = 3_600_000

/** Translates the entities of a project as the views that use them come. */
export function createEntities(entities: FeastRegistry['entities']) {
  const known = new Map(entities.map(({ spec }) => [spec?.name ?? '', spec]))
  const definitions = new Map<string, EntityDefinition>()

  function define(name: string, key: Schema): string {
    const existing = definitions.get(name)
    if (existing && JSON.stringify(existing.key) !== JSON.stringify(key)) {
      const types = Object.entries(existing.key).map(([column, type]) => `${column} ${type}`)
      throw new CannotTranslate(`its entity "${name}" is ${types.join(', ')} in another view`)
    }
    const spec = known.get(name)
    definitions.set(name, { kind: 'entity', name: checkName(name), ...(spec && describedOf(spec)), key })
    return name
  }

  return {
    all: () => [...definitions.values()],
    /** The entity of a view; of several keys one is made. @throws CannotTranslate */
    of(view: FeastView): EntityDefinition {
      const names = view.entities.filter((name) => name !== noEntity)
      if (names.length === 0) throw new CannotTranslate('it has no entity')
      const parts = names.map((name) => {
        const spec = known.get(name)
        if (!spec) throw new CannotTranslate(`its entity "${name}" is not in the registry`)
        const column = spec.joinKey || name
        const declared = view.entityColumns.find((one) => one.name === column)?.valueType || spec.valueType
        // Feast takes keys of unknown type as text.
        const type = declared ? columnTypeOf(declared) : 'string'
        if (!type) throw new CannotTranslate(`its key "${column}" is ${describeType(declared)}`)
        return { name, key: { [column]: type } as Schema }
      })
      for (const { name, key } of parts) define(name, key)
      const key: Schema = Object.assign({}, ...parts.map((part) => part.key))
      const name = parts.length === 1 ? names[0] : define(names.join('-'), key)
      return { kind: 'entity', name, key }
    },
  }
}

/**
 * A view as a view of the newest rows of its file.
 * @throws CannotTranslate
 */
export function translateView(
  view: FeastView,
  deps: {
    entities: ReturnType<typeof createEntities>
    datasets: ReturnType<typeof createDatasets>
    leftOut: LeftOut[]
  },
): FeatureViewDefinition {
  const name = checkName(view.name ?? '')
  if (view.transformation) {
    const called = view.transformation.userFunction?.name
    throw new CannotTranslate(`it is computed by ${called ? `the function "${called}"` : 'a transformation'}`)
  }
  if (view.sourceViews.length > 0) {
    throw new CannotTranslate(`it is made of the views ${view.sourceViews.map((one) => one.name).join(', ')}`)
  }
  const source = readSource(view)
  const lost: LeftOut[] = []
  const features: Schema = {}
  const about: About = {}
  for (const { name: feature = '', valueType, ...rest } of view.features) {
    const type = columnTypeOf(valueType)
    const described = describedOf(rest)
    if (type && Object.keys(described).length > 0) about[feature] = described
    if (type) features[feature] = type
    else
      lost.push({ kind: 'feature', name: `${name}:${feature}`, reason: `it is ${describeType(valueType)}` })
  }
  if (Object.keys(features).length === 0) throw new CannotTranslate('none of its features has a type of here')
  const entity = deps.entities.of(view)
  const from = deps.datasets.add(source, { keys: entity.key, features })
  deps.leftOut.push(...lost)
  const { streamSource: stream } = view
  if (stream && stream.type !== pushSource) {
    const type = sourceTypes[stream.type ?? 0] ?? 'unknown'
    const reason = `it is of type ${type}: the view "${name}" has the rows of its file, push others to it`
    deps.leftOut.push({ kind: 'stream source', name: stream.name ?? '', reason })
  }
  const { seconds = 0, nanos = 0 } = view.ttl ?? {}
  const ttlMs = seconds * 1000 + Math.round(nanos / 1e6)
  return {
    kind: 'feature-view',
    name,
    ...describedOf(view),
    entity: entity.name,
    from,
    timestamp: source.timestamp,
    ...(source.created !== undefined && { created: source.created }),
    ttlMs: ttlMs > 0 ? ttlMs : null,
    hopMs: hourMs,
    features: Object.fromEntries(
      Object.entries(features).map(([feature, type]) => [feature, { type, last: source.columnOf(feature) }]),
    ),
    ...(Object.keys(about).length > 0 && { about }),
  }
}
