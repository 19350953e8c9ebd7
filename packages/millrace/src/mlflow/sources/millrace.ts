import { createMillraceTarget } from '../move/millrace-target.ts'
import type { MlflowSource } from '../store.ts'
import { createRestSource } from './rest.ts'
import type { RestClient } from './rest-client.ts'

/**
 * A Millrace server as a source: it speaks MLflow's protocol, but tells metrics whole and as they are (MLflow's protocol
 * has no infinities) by a route of its own.
 */
export function createMillraceSource(client: RestClient): MlflowSource {
  const { listMetrics } = createMillraceTarget(client)
  return {
    ...createRestSource(client),
    label: client.url,
    listMetrics: (run) => listMetrics(run.id),
    // It keeps nothing that it could not move, and has no traces.
    listLeftOut: async () => [],
  }
}
