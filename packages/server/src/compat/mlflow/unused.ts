import { type Endpoint, endpoint } from './endpoint.ts'

/**
 * What MLflow's pages ask by themselves about features that Millrace does not have. An error would be shown on pages that
 * are about something else, and asked again and again: the answers are those of an MLflow server on which nobody has
 * ever used the feature. Only the pages get them; MLflow's client is told that the feature is not there.
 */
export const unusedEndpoints: readonly Endpoint[] = [
  unused('GET', '/gateway-proxy', { endpoints: [] }, 2),
  unused('GET', '/gateway/endpoints/list', {}),
  unused('GET', '/ui-telemetry', {
    disable_ui_telemetry: true,
    disable_ui_events: [],
    ui_rollout_percentage: 0,
  }),
  unused('POST', '/ui-telemetry', { status: 'disabled' }),
  unused('GET', '/assistant/config', { providers: {}, projects: {}, remote_access_allowed: false }),
  unused('GET', '/assistant/providers', { providers: [], resolved: null, gateway_vendor_options: {} }),
  unused('POST', '/traces/search', {}),
  unused('POST', '/traces/metrics', {}),
  unused('POST', '/datasets/search', {}),
  unused('GET', '/scorers/list', {}),
]

function unused(method: 'GET' | 'POST', path: string, answer: object, major: 2 | 3 = 3): Endpoint {
  return endpoint({ method, path, major, ajaxOnly: true, request: {}, handle: async () => answer })
}
