import type { FastifyInstance } from 'fastify'
import { type Endpoint, endpoint } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'

/** The release of MLflow whose protocol this is; clients parse it as a version. */
export const mlflowVersion = '3.17.2'

/** What its pages ask before anything else, and its client when workspaces are on. */
export const metaEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/server-info',
    major: 3,
    request: {},
    async handle() {
      return {
        store_type: 'SqlStore',
        workspaces_enabled: false,
        trace_archival_enabled: false,
        multipart_uploads_enabled: true,
        multipart_downloads_enabled: false,
        presigned_upload_run_id_supported: false,
        presigned_upload_model_id_supported: false,
        features_enabled: { gateway: false },
      }
    },
  }),
]

/** Families of MLflow's calls that serve tracing, evaluation and gateways of language models. */
const outOfScope: Record<2 | 3, readonly string[]> = {
  2: ['traces', 'gateway', 'gateway-proxy', 'runs/create-promptlab-run'],
  3: [
    'traces',
    'assessments',
    'datasets',
    'scorers',
    'gateway',
    'prompt-optimization',
    'issues',
    'label-schemas',
    'review-queues',
    'workspaces',
    'jobs',
    'ui-telemetry',
  ],
}

/** Answers 501 below the addresses of what MLflow has and Millrace has not, so that nobody takes it for a typo. */
export function mountOutOfScope(app: FastifyInstance): void {
  for (const [major, families] of Object.entries(outOfScope)) {
    for (const family of families) {
      for (const prefix of ['/api', '/ajax-api']) {
        const base = `${prefix}/${major}.0/mlflow/${family}`
        for (const url of [base, `${base}/*`]) {
          app.route({
            method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
              (method) => !app.hasRoute({ method, url }),
            ),
            url,
            exposeHeadRoute: false,
            schema: { hide: true },
            handler: async ({ method }) => {
              throw new MlflowError(
                'NOT_IMPLEMENTED',
                `Millrace does not implement ${method} ${base}: it serves MLflow's tracking, artifacts and model registry.`,
              )
            },
          })
        }
      }
    }
  }
}
