/**
 * Names an endpoint and carries the TypeScript type of its inputs, so that a client can check a request without
 * having the project's code.
 */
export interface EndpointRef<Request = Record<string, unknown>> {
  readonly kind: 'endpoint'
  readonly name: string
  /** Only a type: no value is there. */
  readonly '~request'?: Request
}
