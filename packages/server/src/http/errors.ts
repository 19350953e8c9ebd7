import { type ErrorBody, fail, isPlatformError, type PlatformError } from '@millrace/protocol'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { newId } from '../kernel/ids.ts'

/** Turns whatever a handler threw into the one error body; unknown errors are logged under an id, never shown. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toPlatformError(error, request)
  if (known.status === 503 || known.status === 429) reply.header('retry-after', '1')
  if (known.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.status(known.status).send(known.toBody() satisfies ErrorBody)
}

/** What a handler threw as an error of the catalogue; an unknown one is logged under an id. */
export function toPlatformError(error: unknown, request: FastifyRequest): PlatformError {
  if (isPlatformError(error)) {
    if (error.status >= 500) {
      // "Busy" and "not ready yet" are answers, counted in the metrics: a line and a stack for each would drown the log.
      const expected = error.retryable && error.cause === undefined
      request.log[expected ? 'debug' : 'error']({ err: error, cause: error.cause }, error.message)
    }
    return error
  }
  const framework = error as Partial<FastifyError> & { limit?: number }
  if (framework.validation) return invalid(framework as FastifyError, request)
  if (framework.statusCode === 413)
    return fail('request.too_large', { limit: request.routeOptions.bodyLimit ?? 0 })
  if (framework.statusCode !== undefined && framework.statusCode < 500) {
    return fail('request.invalid', { reason: framework.message ?? 'it cannot be read' }, error)
  }
  const id = newId('err')
  request.log.error({ err: error, errorId: id }, 'unexpected error')
  return fail('internal.unexpected', { id }, error)
}

/** Names the field, the value that came and what would be accepted. */
function invalid(error: FastifyError, request: FastifyRequest): PlatformError {
  const [first] = error.validation ?? []
  const part = error.validationContext ?? 'body'
  const path = first?.instancePath.slice(1).split('/').filter(Boolean) ?? []
  const missing = (first?.params as { missingProperty?: string } | undefined)?.missingProperty
  const extra = (first?.params as { additionalProperty?: string } | undefined)?.additionalProperty
  const field = [part, ...path, ...(missing ? [missing] : []), ...(extra ? [extra] : [])].join('.')
  const source = part === 'body' ? request.body : part === 'params' ? request.params : request.query
  const value = extra || missing ? undefined : path.reduce<unknown>((at, key) => (at as never)?.[key], source)
  const allowed = first && allowedValues(first, error.validation ?? [])
  const expected = allowed
    ? `must be one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`
    : missing
      ? 'is required'
      : extra
        ? 'is not known'
        : (first?.message ?? 'is not valid')
  // A body may be megabytes: its beginning is enough to find it.
  const shown = value === undefined ? undefined : JSON.stringify(value).slice(0, 100)
  const reason = `${field} ${expected}${shown === undefined ? '' : `, got ${shown}`}`
  return fail('request.invalid', { reason, field, expected, value: shown }, error)
}

type Violation = NonNullable<FastifyError['validation']>[number]

/** What could have stood there: the values of an enumeration, or of all literals of a union. */
function allowedValues(first: Violation, all: readonly Violation[]): unknown[] | undefined {
  if (first.keyword === 'enum') return first.params.allowedValues as unknown[]
  if (first.keyword !== 'const') return undefined
  const here = all.filter(({ keyword, instancePath }) => {
    return keyword === 'const' && instancePath === first.instancePath
  })
  return here.map(({ params }) => params.allowedValue)
}
