import type { PlatformError } from '@millrace/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { toPlatformError } from '../../http/errors.ts'
import { FeastWireError } from './feast-error.ts'

/**
 * Answers in Feast's way: JSON text within JSON text, which names the exception that its client raises again. What the
 * schema of a call refuses has the body of FastAPI. A mistake of a user is never 5xx, which the client would repeat.
 */
export function sendFeastError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = error instanceof FeastWireError ? error : toPlatformError(error, request)
  if (!(known instanceof FeastWireError)) {
    if (known.code === 'request.invalid' && known.details.field !== undefined)
      return sendInvalid(known, reply)
    if (known.retryable) reply.header('retry-after', '1')
    if (known.status === 401) reply.header('www-authenticate', 'Bearer')
  }
  const { errorClass, message, status } = known instanceof FeastWireError ? known : inFeastsWords(known)
  const detail = JSON.stringify({ module: 'feast.errors', class: errorClass, message })
  return reply.status(status).type('application/json').send(JSON.stringify(detail))
}

function sendInvalid({ details }: PlatformError, reply: FastifyReply): FastifyReply {
  const { field, expected, value } = details
  const detail = { type: 'value_error', loc: String(field).split('.'), msg: expected, input: value ?? null }
  return reply.status(422).send({ detail: [detail] })
}

function inFeastsWords(error: PlatformError): FeastWireError {
  const { kind, name } = error.details
  if (error.code === 'definition.not_found' && kind === 'feature-view')
    return new FeastWireError('FeatureViewNotFoundException', `Feature view ${name} does not exist`)
  if (error.code === 'definition.not_found' && kind === 'feature-service')
    return new FeastWireError('FeatureServiceNotFoundException', `Feature service ${name} does not exist`)
  if (error.status === 401 || error.status === 403)
    return new FeastWireError('FeastPermissionError', error.message, error.status)
  if (error.status === 404) return new FeastWireError('FeastObjectNotFoundException', error.message)
  return new FeastWireError('FeastError', error.message, error.status)
}
