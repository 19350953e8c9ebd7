import type { ColumnType } from '@millrace/protocol'
import { type Static, Type } from 'typebox'
import type { FeatureStatus, FeatureValue, OnlineSelection } from '../../domains/features/index.ts'
import { formatTime, fromFeast, toJson } from './cells.ts'
import type { FeastDeps } from './deps.ts'
import { FeastWireError } from './feast-error.ts'
import { countRows, Frame } from './frame.ts'
import { createKeyFinder, type JoinKeys } from './keys.ts'
import { nameReferences, parseReference } from './references.ts'

export const GetOnlineFeatures = Type.Object({
  entities: Frame,
  features: Type.Optional(Type.Array(Type.String({ maxLength: 512 }), { maxItems: 10_000 })),
  feature_service: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 512 }), Type.Null()])),
  full_feature_names: Type.Optional(Type.Boolean()),
  include_feature_view_version_metadata: Type.Optional(Type.Boolean()),
})

interface Asked {
  selection: OnlineSelection
  /** In the order of the selection's features. */
  names: string[]
}

/** A column of the answer. */
interface Column {
  name: string
  type: ColumnType
  values: readonly FeatureValue[]
  statuses: readonly FeatureStatus[]
  eventTimes: readonly (number | null)[]
}

/**
 * Answers `/get-online-features` as JSON text: the join keys in the order given, then the features as asked for.
 * `isExact`: every value is given, and PRESENT or NOT_FOUND, as Feast's own server has it.
 */
export function createOnlineAnswers(deps: Pick<FeastDeps, 'importedServices' | 'definitions' | 'features'>) {
  const keysOf = createKeyFinder(deps)

  async function open(body: Static<typeof GetOnlineFeatures>): Promise<Asked> {
    const isFull = body.full_feature_names ?? false
    const { feature_service: service, features: asked = [] } = body
    const references = service
      ? (await deps.importedServices.find(service))?.features
      : asked.map(parseReference)
    if (!references) {
      const selection = await deps.features.openSelection({ service: service ?? '' })
      const own = selection.features.map(({ view, name }) => ({ as: view, feature: name }))
      return { selection, names: nameReferences(own, isFull) }
    }
    if (references.length === 0)
      throw new FeastWireError('FeastError', 'Neither features nor a feature service are asked for', 422)
    const names = nameReferences(references, isFull)
    const features = references.map(({ view, feature }) => `${view}:${feature}`)
    return { selection: await deps.features.openSelection({ features }), names }
  }

  return async (body: Static<typeof GetOnlineFeatures>, isExact: boolean): Promise<string> => {
    const { selection, names } = await open(body)
    const count = countRows('entities', body.entities)
    const { keys, request } = readEntities(body.entities, selection, await keysOf(selection))
    const rows = Array.from({ length: count }, (_, i) =>
      Object.fromEntries(request.map(({ name, values }) => [name, values[i]])),
    )
    const found = await selection.read(rows, { keepExpired: isExact })
    const features = selection.features.map(({ type }, i): Column => {
      const [values, statuses, eventTimes] = [found.values[i], found.statuses[i], found.eventTimes[i]]
      if (!isExact) return { name: names[i], type, values, statuses, eventTimes }
      return { name: names[i], type, eventTimes, ...inFeastsWay(values, statuses) }
    })
    return writeAnswer([...keys, ...features])
  }
}

/** The columns of a request by their names here, and of them those that are echoed. */
function readEntities(
  entities: Frame,
  { request: schema }: OnlineSelection,
  keys: JoinKeys,
): { keys: Column[]; request: { name: string; values: unknown[] }[] } {
  const request: { name: string; values: unknown[] }[] = []
  const echoed: Column[] = []
  for (const [given, cells] of Object.entries(entities)) {
    const name = Object.hasOwn(schema, given) ? given : (keys.byEntity.get(given) ?? given)
    const isWanted = Object.hasOwn(schema, name)
    if (!isWanted && !keys.all.has(name)) {
      const wanted = Object.keys(schema).join(', ')
      throw new FeastWireError('FeastError', `"${given}" is no join key and not needed; needed are ${wanted}`)
    }
    const values = isWanted ? cells.map((cell) => fromFeast(cell, schema[name])) : cells
    if (isWanted) request.push({ name, values })
    if (!keys.all.has(name)) continue
    const type = isWanted ? schema[name] : 'string'
    echoed.push({
      name,
      type,
      values: values as FeatureValue[],
      statuses: cells.map(() => 'PRESENT'),
      eventTimes: cells.map(() => null),
    })
  }
  const missing = Object.keys(schema).find((name) => !request.some((one) => one.name === name))
  if (missing !== undefined && keys.all.has(missing)) {
    const given = Object.keys(entities).join(', ')
    throw new FeastWireError(
      'FeastError',
      `Values of the join key "${missing}" are missing; given are ${given}`,
    )
  }
  return { keys: echoed, request }
}

function inFeastsWay(values: readonly FeatureValue[], statuses: readonly FeatureStatus[]) {
  return {
    values: values.map((value, i) => (statuses[i] === 'NOT_FOUND' ? null : value)),
    statuses: statuses.map((status) => (status === 'NOT_FOUND' ? status : 'PRESENT')),
  }
}

function writeAnswer(columns: readonly Column[]): string {
  const results = columns.map(({ type, values, statuses, eventTimes }) => {
    const texts = values.map((value) => toJson(value, type)).join(',')
    const times = eventTimes.map((time) => `"${formatTime(time)}"`).join(',')
    return `{"values":[${texts}],"statuses":${JSON.stringify(statuses)},"event_timestamps":[${times}]}`
  })
  const metadata = JSON.stringify({ feature_names: columns.map(({ name }) => name) })
  return `{"results":[${results.join(',')}],"metadata":${metadata},"status":true}`
}
