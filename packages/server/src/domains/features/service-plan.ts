import type { ColumnType, FeatureServiceDefinition, OnDemandViewDefinition, Schema } from '@millrace/protocol'
import type { Lake } from '../../ports/lake.ts'
import { type DefinitionService, versionOf } from '../definitions/index.ts'
import { createOnDemandRunner, type OnDemandRunner } from './on-demand.ts'
import { planView, type ViewPlan } from './view-plan.ts'

/** What a column is for. `input`: only an on-demand view needs it. A key that is also a request feature is `request`. */
type ColumnRole = 'key' | 'timestamp' | 'input' | 'request' | 'feature' | 'label'

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
  definitions: Pick<DefinitionService, 'get' | 'requestSchema' | 'loadFunction'>
}

/** Loads and resolves a feature service. */
export async function planService(deps: PlanDeps, name: string): Promise<ServicePlan> {
  const service = await deps.definitions.get('feature-service', name)
  const definitions: Record<string, string> = { [`feature-service/${name}`]: versionOf(service) }
  const views = await Promise.all(service.featureViews.map((view) => loadView(deps, view, definitions)))
  const onDemandViews = await Promise.all(
    service.onDemandViews.map((view) => deps.definitions.get('on-demand-view', view)),
  )
  const onDemand = await Promise.all(onDemandViews.map((view) => loadRunner(deps, view)))
  for (const view of onDemandViews) definitions[`on-demand-view/${view.name}`] = versionOf(view)
  const request = await deps.definitions.requestSchema(name)
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
    definitions,
    bundles: [...new Set(onDemandViews.map((view) => view.code.bundle))].sort(),
  }
}

/** Resolves one feature view and notes the hashes of what it is made of. */
export async function loadView(
  deps: PlanDeps,
  name: string,
  definitions: Record<string, string> = {},
): Promise<ViewPlan> {
  const view = await deps.definitions.get('feature-view', name)
  const entity = await deps.definitions.get('entity', view.entity)
  const dataset = await deps.definitions.get('dataset', view.from)
  for (const definition of [view, entity, dataset]) {
    definitions[`${definition.kind}/${definition.name}`] = versionOf(definition)
  }
  return planView(deps.lake, view, { entity, dataset })
}

async function loadRunner(deps: PlanDeps, view: OnDemandViewDefinition): Promise<OnDemandRunner> {
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
