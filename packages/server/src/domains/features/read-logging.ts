import type { DefinitionService } from '../definitions/index.ts'
import { type PlanDeps, planService, type ServicePlan } from './service-plan.ts'
import type { ViewPlan } from './view-plan.ts'

/** Reads of a feature service, or of the features of one of its views. */
export interface LoggedReads {
  service: ServicePlan
  view?: string
}

export type LoggingDeps = Omit<PlanDeps, 'definitions'> & {
  definitions: PlanDeps['definitions'] & Pick<DefinitionService, 'list'>
}

/**
 * With what reads of features by their names are logged: each view with the feature service that has it and logs reads,
 * the first by name of several.
 */
export async function findLogging(
  deps: LoggingDeps,
  views: readonly Pick<ViewPlan, 'name'>[],
): Promise<LoggedReads[]> {
  const services = (await deps.definitions.list('feature-service'))
    .filter(({ logReads = 0 }) => logReads > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const found = views.flatMap(({ name: view }) => {
    const service = services.find(({ featureViews }) => featureViews.includes(view))
    return service ? [{ service: service.name, view }] : []
  })
  return Promise.all(
    found.map(async ({ service, view }) => ({ service: await planService(deps, service), view })),
  )
}
