import type { FeatureServiceDefinition, FeatureViewDefinition } from '@millrace/protocol'
import type { ImportedService } from '../../../domains/imports/index.ts'
import { describedOf } from './described.ts'
import { CannotTranslate } from './left-out.ts'
import type { FeastProjection, FeastRegistry } from './registry.ts'
import { checkName } from './sources.ts'

type Spec = NonNullable<FeastRegistry['services'][number]['spec']>

/** Column with the time of a request, as Feast calls it. */
const timestamp = 'event_timestamp'

/**
 * What a service gives, feature by feature.
 * @throws CannotTranslate if anything of it has been left out: models must get all that they were trained with
 */
export function translateService(
  { name = '', projections }: Spec,
  views: ReadonlyMap<string, FeatureViewDefinition>,
): ImportedService {
  const features = projections.flatMap((projection) => {
    const { viewName = '', alias, versionTag } = projection
    const view = views.get(viewName)
    if (!view) throw new CannotTranslate(`its view "${viewName}" is left out`)
    if (projection.joinKeyMap.length > 0)
      throw new CannotTranslate(`it takes the view "${viewName}" by other join keys`)
    if (versionTag) throw new CannotTranslate(`it takes version ${versionTag} of the view "${viewName}"`)
    return projection.features.map(({ name: feature = '' }) => {
      if (!Object.hasOwn(view.features, feature))
        throw new CannotTranslate(`its feature "${viewName}:${feature}" is left out`)
      return { view: viewName, feature, as: alias || viewName }
    })
  })
  return { name: checkName(name), features }
}

/** The same as a feature service of here, which also builds training sets; only if it takes views as they are. */
export function nativeService(
  spec: Spec,
  views: ReadonlyMap<string, FeatureViewDefinition>,
): FeatureServiceDefinition | undefined {
  const { name = '', projections } = spec
  const features = projections.flatMap((projection) => projection.features.map((feature) => feature.name))
  const isPlain = new Set(features).size === features.length && !features.includes(timestamp)
  if (!isPlain || !projections.every((projection) => isWhole(projection, views))) return undefined
  return {
    kind: 'feature-service',
    name,
    ...describedOf(spec),
    featureViews: projections.map(({ viewName = '' }) => viewName),
    onDemandViews: [],
    request: { [timestamp]: 'timestamp' },
    timestamp,
  }
}

function isWhole(
  { viewName = '', alias, features }: FeastProjection,
  views: ReadonlyMap<string, FeatureViewDefinition>,
): boolean {
  const all = Object.keys(views.get(viewName)?.features ?? {})
  return (!alias || alias === viewName) && features.length === all.length
}
