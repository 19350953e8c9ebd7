import { type ColumnType, fail, isPlatformError, type Ranges, type Schema } from '@millrace/protocol'
import type { OnDemandRunner } from './on-demand.ts'
import type { LookupPlan } from './online-lookup.ts'
import { loadRunner, loadView, type PlanDeps, planService, type ServicePlan } from './service-plan.ts'
import type { ViewPlan } from './view-plan.ts'

/** What is asked for: a feature service, or features as `view:feature`. */
export type Selection = { service: string } | { features: readonly string[] }

export interface SelectedFeature {
  /** Feature view or on-demand view; null = it comes with the request. */
  view: string | null
  name: string
  type: ColumnType
}

export interface SelectionPlan extends LookupPlan {
  /** In the order of the selection. */
  features: SelectedFeature[]
  /** Request column with the event time; without it, all rows are of one time. */
  timestamp: string | undefined
  /** Of the features that come with the request. */
  requestRanges?: Ranges
  /** The service that is asked for; absent where features are. */
  service?: ServicePlan
}

/**
 * Resolves a selection with the definitions as they are now.
 * @throws `definition.not_found`, `feature.not_found`, `feature.selection_invalid`
 */
export async function planSelection(deps: PlanDeps, selection: Selection): Promise<SelectionPlan> {
  return 'service' in selection
    ? planOfService(deps, selection.service)
    : planOfFeatures(deps, selection.features)
}

async function planOfService(deps: PlanDeps, name: string): Promise<SelectionPlan> {
  const plan = await planService(deps, name)
  const { service, request, views, onDemand, features } = plan
  const sources: { view: string; names: readonly string[] }[] = [
    ...views.map((view) => ({ view: view.name, names: Object.keys(view.features) })),
    ...onDemand.map(({ view, outputs }) => ({ view, names: outputs })),
  ]
  return {
    request,
    views,
    onDemand,
    timestamp: service.timestamp,
    ...(service.ranges && { requestRanges: service.ranges }),
    service: plan,
    features: features.map((feature) => ({
      ...feature,
      view: sources.findLast(({ names }) => names.includes(feature.name))?.view ?? null,
    })),
  }
}

async function planOfFeatures(deps: PlanDeps, references: readonly string[]): Promise<SelectionPlan> {
  const wanted = references.map(parseReference)
  const request: Schema = {}
  const views: ViewPlan[] = []
  const onDemand: OnDemandRunner[] = []
  const inputs: [string, ColumnType, string][] = []
  const types = new Map<string, Schema>()
  for (const view of new Set(wanted.map((one) => one.view))) {
    const found = await loadEither(deps, view)
    types.set(view, found.features)
    if (found.kind === 'feature-view') {
      views.push(found.plan)
      for (const [name, type] of Object.entries(found.plan.keys)) addToRequest(request, name, type, view)
    } else {
      onDemand.push(found.runner)
      inputs.push(
        ...Object.entries(found.input).map(([name, type]): [string, ColumnType, string] => [
          name,
          type,
          view,
        ]),
      )
    }
  }
  for (const [name, type, view] of inputs) {
    const order = [...types.keys()]
    const providers = [...types].filter(
      ([other, schema]) =>
        Object.hasOwn(schema, name) &&
        // Of on-demand views only those before it are known when it runs.
        (views.some((one) => one.name === other) || order.indexOf(other) < order.indexOf(view)),
    )
    if (providers.length > 1) {
      const names = providers.map(([other]) => `"${other}"`).join(' and ')
      throw invalid(`the input "${name}" of "${view}" could come from ${names}`)
    }
    if (providers.length === 0) addToRequest(request, name, type, view)
  }
  const features = wanted.map(({ view, feature }): SelectedFeature => {
    const schema = types.get(view) ?? {}
    if (!Object.hasOwn(schema, feature)) {
      throw fail('feature.not_found', { view, feature, features: Object.keys(schema).join(', ') })
    }
    return { view, name: feature, type: schema[feature] }
  })
  return { request, views, onDemand, features, timestamp: undefined }
}

function parseReference(reference: string): { view: string; feature: string } {
  const [view, feature, ...more] = reference.split(':')
  if (view && feature && more.length === 0) return { view, feature }
  throw invalid(`"${reference}" should be "<view>:<feature>"`)
}

function addToRequest(request: Schema, name: string, type: ColumnType, view: string): void {
  const known = Object.hasOwn(request, name) ? request[name] : undefined
  if (known !== undefined && known !== type) {
    throw invalid(`"${view}" needs "${name}" as ${type}, another view needs it as ${known}`)
  }
  request[name] = type
}

async function loadEither(deps: PlanDeps, name: string) {
  try {
    const { plan } = await loadView(deps, name)
    return { kind: 'feature-view' as const, plan, features: plan.features }
  } catch (error) {
    if (!isMissing(error, name)) throw error
    const view = await deps.definitions.get('on-demand-view', name).catch((second: unknown) => {
      throw isMissing(second, name) ? error : second
    })
    const runner = await loadRunner(deps, view)
    return { kind: view.kind, runner, input: view.input, features: view.features }
  }
}

function isMissing(error: unknown, name: string): boolean {
  return isPlatformError(error) && error.code === 'definition.not_found' && error.details.name === name
}

function invalid(reason: string) {
  return fail('feature.selection_invalid', { reason })
}
