import {
  type DefinitionKind,
  type FeatureDefinition,
  type FeatureViewDefinition,
  fail,
  isPlatformError,
  type OnDemandViewDefinition,
  type ValueRange,
} from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { type DefinitionService, versionOf } from '../definitions/index.ts'
import type { FeatureService } from '../features/index.ts'
import type { RegistryService } from '../registry/index.ts'
import type { ServingService } from '../serving/index.ts'
import { entriesOf, type FeatureEntry } from './feature-entry.ts'

/** Everything about one feature, and who relies on it. */
export interface FeatureDetail extends FeatureEntry {
  /** Content hash of the view's definition as it is now. */
  version: string
  viewDescription: string | null
  /** How it is made; null where a function computes it. */
  definition: FeatureDefinition | null
  range: ValueRange | null
  /** Datasets that the view reads. */
  datasets: string[]
  /** Age after which a value is not used; null = never. */
  ttlMs: number | null
  /** Windows end on multiples of it. */
  hopMs: number | null
  /** Feature services that have it. */
  services: string[]
  /** Model versions that were trained with the view as it is now; newest first, 100 at most. */
  models: { model: string; version: number }[]
  /** Endpoint revisions that answer with it now, whichever version of the view their models were trained with. */
  endpoints: { endpoint: string; revision: number; model: string; version: number; isCurrent: boolean }[]
  /** How far the online values are; null where nothing was materialized, or nothing is stored. */
  materialized: {
    /** Event time, milliseconds. */
    until: number
    updatedAt: number
    /** By which `until` is behind the clock. */
    behindMs: number
  } | null
}

export interface FeatureDetailDeps {
  definitions: Pick<DefinitionService, 'find' | 'list'>
  features: Pick<FeatureService, 'listMaterializations'>
  registry: Pick<RegistryService, 'listVersionsBy' | 'getVersion'>
  serving: Pick<ServingService, 'listEndpoints'>
  clock: Clock
}

/** @throws `definition.not_found` for the view, `feature.not_found` */
export async function describeFeature(
  deps: FeatureDetailDeps,
  name: { view: string; feature: string },
): Promise<FeatureDetail> {
  const view =
    (await deps.definitions.find('feature-view', name.view)) ??
    (await deps.definitions.find('on-demand-view', name.view))
  if (!view) throw fail('definition.not_found', { kind: 'feature-view', name: name.view })
  const entry = entriesOf(view).find(({ feature }) => feature === name.feature)
  if (!entry) throw fail('feature.not_found', { ...name, features: Object.keys(view.features).join(', ') })
  const version = versionOf(view)
  const services = await deps.definitions.list('feature-service')
  const { items } = await deps.registry.listVersionsBy({ definition: version }, { limit: 100 })
  return {
    ...entry,
    version,
    viewDescription: view.description ?? null,
    ...(view.kind === 'feature-view' ? ofStored(view, name.feature) : ofComputed),
    range: view.ranges?.[name.feature] ?? null,
    services: services
      .filter(({ featureViews, onDemandViews }) => [...featureViews, ...onDemandViews].includes(view.name))
      .map((service) => service.name),
    models: items.map((one) => ({ model: one.model, version: one.version })),
    endpoints: await endpointsWith(deps, { ...view, version }),
    materialized: await materialized(deps, { ...view, version }),
  }
}

const ofComputed = { definition: null, datasets: [], ttlMs: null, hopMs: null }

function ofStored({ features, from, query, ttlMs, hopMs }: FeatureViewDefinition, feature: string) {
  return { definition: features[feature], datasets: query?.uses ?? [from], ttlMs, hopMs }
}

interface OfView extends Pick<FeatureViewDefinition | OnDemandViewDefinition, 'kind' | 'name'> {
  version: string
}

async function endpointsWith(
  { serving, registry }: FeatureDetailDeps,
  { kind, name, version }: OfView,
): Promise<FeatureDetail['endpoints']> {
  const answering = (await serving.listEndpoints()).flatMap(({ name: endpoint, traffic }) =>
    traffic.map(({ revision, modelVersion }) => {
      // `model/version`, and a model's name has no slash.
      const at = modelVersion.lastIndexOf('/')
      const model = { model: modelVersion.slice(0, at), version: Number(modelVersion.slice(at + 1)) }
      return { endpoint, revision, ...model }
    }),
  )
  const found = await Promise.all(
    answering.map(async (use) => {
      const lineage = await registry.getVersion(use).then((one) => one.lineage, ifMissing)
      const pinned = lineage?.definitions[`${kind satisfies DefinitionKind}/${name}`]
      return pinned === undefined ? [] : [{ ...use, isCurrent: pinned === version }]
    }),
  )
  return found.flat()
}

/** Endpoints go on with versions that were deleted. */
function ifMissing(error: unknown): undefined {
  if (isPlatformError(error) && error.status === 404) return undefined
  throw error
}

async function materialized(
  { features, clock }: FeatureDetailDeps,
  { kind, name, version }: OfView,
): Promise<FeatureDetail['materialized']> {
  if (kind !== 'feature-view') return null
  const all = await features.listMaterializations()
  const done = all.find((one) => one.view === name && one.viewVersion === version)
  return done ? { until: done.until, updatedAt: done.updatedAt, behindMs: clock.now() - done.until } : null
}
