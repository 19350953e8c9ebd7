import {
  type ColumnType,
  type Definition,
  type FeatureServiceDefinition,
  fail,
  type OnDemandViewDefinition,
  type Schema,
} from '@millrace/protocol'
import type { Lake } from '../../ports/lake.ts'
import { type DefinitionService, type Lookup, requestSchema, versionOf } from '../definitions/index.ts'
import { createOnDemandRunner, type OnDemandRunner } from './on-demand.ts'
import { planView, type ViewPlan } from './view-plan.ts'

/**
 * What a column is for. `input`: only an on-demand view needs it. A key that is also a request feature is `request`.
 * `kept`: it comes along with a training set and is no feature.
 */
type ColumnRole = 'key' | 'timestamp' | 'input' | 'request' | 'feature' | 'kept' | 'label'

export interface SetColumn {
  name: string
  type: ColumnType
  role: ColumnRole
}

/** A feature service with everything that it refers to. */
export interface ServicePlan {
  service: FeatureServiceDefinition
  views: ViewPlan[]
  onDemand: OnDemandRunner[]
  /** What comes with a row: event time, keys, inputs and request features. */
  request: Schema
  /** Keys, timestamp, inputs, request features, features: the order of training sets. */
  columns: SetColumn[]
  /** What a model sees, in order: request features, then features. */
  features: { name: string; type: ColumnType }[]
  /** Content hashes of the definitions, by `kind/name`. */
  definitions: Record<string, string>
  /** Code bundles that the on-demand views run. */
  bundles: string[]
}

export interface PlanDeps {
  lake: Lake
  definitions: DefinitionSource
}

/** Where a plan takes definitions from: the current ones, or fixed versions. */
export type DefinitionSource = Pick<DefinitionService, 'get' | 'loadFunction'>

/**
 * The definitions at the versions in `pins` (`kind/name` -> content hash), whatever is current.
 *
 * `get` throws `definition.not_found` for one that has no pin, `definition.version_not_found`.
 */
export function pinDefinitions(
  definitions: Pick<DefinitionService, 'getVersion' | 'loadFunction'>,
  pins: Readonly<Record<string, string>>,
): DefinitionSource {
  return {
    loadFunction: definitions.loadFunction,
    async get(kind, name) {
      const version = pins[`${kind}/${name}`]
      if (version === undefined) throw fail('definition.not_found', { kind, name })
      return definitions.getVersion(kind, name, version)
    },
  }
}

/** Loads and resolves a feature service. */
export async function planService(deps: PlanDeps, name: string): Promise<ServicePlan> {
  const { definitions: source } = deps
  const service = await source.get('feature-service', name)
  const loaded = await Promise.all(service.featureViews.map((view) => loadView(deps, view)))
  const onDemandViews = await Promise.all(
    service.onDemandViews.map((view) => source.get('on-demand-view', view)),
  )
  const used = [service, ...loaded.flatMap((view) => view.definitions), ...onDemandViews]
  const byId = new Map<string, Definition>(used.map((one) => [`${one.kind}/${one.name}`, one]))
  const request = requestSchema(service, ((kind, id) => byId.get(`${kind}/${id}`)) as Lookup)
  const views = loaded.map(({ plan }) => plan)
  const onDemand = await Promise.all(onDemandViews.map((view) => loadRunner(deps, view)))
  const features: Schema = Object.assign(
    {},
    ...views.map((view) => view.features),
    ...onDemandViews.map((view) => view.features),
  )
  const columns = orderColumns(service, { views, request, features })
  return {
    service,
    views,
    onDemand,
    request,
    columns,
    features: columns
      .filter(({ role }) => role === 'request' || role === 'feature')
      .map(({ name, type }) => ({ name, type })),
    definitions: Object.fromEntries([...byId].map(([id, definition]) => [id, versionOf(definition)])),
    bundles: [...new Set(onDemandViews.map((view) => view.code.bundle))].sort(),
  }
}

/** The part of a feature service that one of its feature views is. */
export function planOfView(plan: ServicePlan, name: string): ServicePlan {
  const views = plan.views.filter((view) => view.name === name)
  const own = new Set([plan.service.timestamp, ...views.flatMap(({ keys }) => Object.keys(keys))])
  const { ranges: _ofRequest, ...service } = plan.service
  const request = Object.fromEntries(Object.entries(plan.request).filter(([column]) => own.has(column)))
  const features: Schema = Object.assign({}, ...views.map((view) => view.features))
  const columns = orderColumns({ ...service, request: {} }, { views, request, features })
  return {
    ...plan,
    service: { ...service, request: {}, featureViews: [name], onDemandViews: [] },
    views,
    onDemand: [],
    request,
    columns,
    features: Object.entries(features).map(([feature, type]) => ({ name: feature, type })),
    bundles: [],
  }
}

/** Resolves one feature view; `definitions`: what it is made of. */
export async function loadView(
  { lake, definitions: source }: PlanDeps,
  name: string,
): Promise<{ plan: ViewPlan; definitions: Definition[] }> {
  const view = await source.get('feature-view', name)
  const entity = await source.get('entity', view.entity)
  const dataset = await source.get('dataset', view.from)
  const others = (view.query?.uses ?? []).filter((used) => used !== view.from)
  const joined = await Promise.all(others.map((used) => source.get('dataset', used)))
  const plan = await planView(lake, view, { entity, dataset })
  return { plan, definitions: [view, entity, dataset, ...joined] }
}

/** The function of an on-demand view, out of its code bundle. */
export async function loadRunner(deps: PlanDeps, view: OnDemandViewDefinition): Promise<OnDemandRunner> {
  const compute = await deps.definitions.loadFunction(view.code, 'on-demand-view', view.name)
  return createOnDemandRunner(view, compute)
}

function orderColumns(
  service: FeatureServiceDefinition,
  { views, request, features }: { views: ViewPlan[]; request: Schema; features: Schema },
): SetColumn[] {
  const keys = new Set(views.flatMap((view) => Object.keys(view.keys)))
  const roleOf = (name: string): ColumnRole => {
    if (name in service.request) return 'request'
    if (name === service.timestamp) return 'timestamp'
    return keys.has(name) ? 'key' : 'input'
  }
  const given = Object.entries(request).map(([name, type]): SetColumn => ({ name, type, role: roleOf(name) }))
  const order: ColumnRole[] = ['key', 'timestamp', 'input']
  return [
    ...order.flatMap((role) => given.filter((column) => column.role === role)),
    ...Object.entries(service.request).map(([name, type]): SetColumn => ({ name, type, role: 'request' })),
    ...Object.entries(features).map(([name, type]): SetColumn => ({ name, type, role: 'feature' })),
  ]
}
