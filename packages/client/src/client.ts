import { artifactCalls } from './artifacts.ts'
import { auditCalls } from './audit.ts'
import { catalogCalls } from './catalog.ts'
import { dataCalls } from './data.ts'
import { definitionCalls } from './definitions.ts'
import { featureCalls } from './features.ts'
import { fileSetCalls } from './file-sets.ts'
import { garbageCalls } from './garbage.ts'
import { importCalls } from './imports.ts'
import { monitoringCalls } from './monitoring.ts'
import { noteCalls } from './notes.ts'
import { pipelineCalls } from './pipelines.ts'
import { registryCalls } from './registry.ts'
import { searchCalls } from './search.ts'
import { servingCalls } from './serving.ts'
import { trackingCalls } from './tracking.ts'
import { type ClientOptions, createTransport } from './transport.ts'
import { validationCalls } from './validations.ts'
import { webhookCalls } from './webhooks.ts'

/**
 * Creates a client of a Millrace server; runs in Node and in browsers.
 *
 * Every call rejects with a `PlatformError`: the server's own one, rebuilt, or `client.unreachable` and
 * `client.unexpected_response`. Calls that are safe to repeat are repeated (see {@link ClientOptions.retries}).
 *
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:5000' })
 * const { prediction } = await client.predict(late, { id: 'f-1', inputs: { date, origin: 'JFK', distance: 300 } })
 */
export function createClient(options: ClientOptions) {
  const transport = createTransport(options)
  return {
    ...definitionCalls(transport),
    ...dataCalls(transport),
    ...validationCalls(transport),
    ...featureCalls(transport),
    ...catalogCalls(transport),
    ...fileSetCalls(transport),
    ...trackingCalls(transport),
    ...registryCalls(transport),
    ...noteCalls(transport),
    ...webhookCalls(transport),
    ...pipelineCalls(transport),
    ...searchCalls(transport),
    ...servingCalls(transport),
    ...artifactCalls(transport),
    ...garbageCalls(transport),
    ...importCalls(transport),
    ...auditCalls(transport),
    ...monitoringCalls(transport),
    /** True once the server is up and has loaded its endpoints. */
    async isReady(): Promise<boolean> {
      try {
        await transport.open({ method: 'GET', path: '/ready', idempotent: false })
        return true
      } catch {
        return false
      }
    },
  }
}

export type Client = ReturnType<typeof createClient>
