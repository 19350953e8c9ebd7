import { type ErrorCode, isPlatformError, type PlatformError } from '@millrace/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { toPlatformError } from '../../http/errors.ts'
import { MlflowError, type MlflowErrorCode, statusOf } from './mlflow-error.ts'

/**
 * Answers in MLflow's way: `{ error_code, message }`, except that 401 is text, as its client's message begins with it.
 * A mistake of a user is never 5xx, which the client would repeat for minutes.
 */
export function sendMlflowError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = error instanceof MlflowError ? error : toPlatformError(error, request)
  if (isPlatformError(known) && known.status === 401) {
    return reply
      .status(401)
      .header('www-authenticate', 'Basic realm="mlflow"')
      .type('text/plain; charset=utf-8')
      .send(`You are not authenticated. ${known.message}`)
  }
  const { code, message } = known instanceof MlflowError ? known : inMlflowsWords(known)
  if (isPlatformError(known) && known.retryable) reply.header('retry-after', '1')
  return reply
    .status(isPlatformError(known) && known.status === 405 ? 405 : statusOf[code])
    .type('application/json')
    .send(JSON.stringify({ error_code: code, message }))
}

/** Whatever a handler threw as a refusal of MLflow; an unknown error is logged under an id. */
export function toMlflowError(error: unknown, request: FastifyRequest): MlflowError {
  return error instanceof MlflowError ? error : inMlflowsWords(toPlatformError(error, request))
}

/** The catalogue in MLflow's codes, and in its words where clients and their tests match them. */
function inMlflowsWords(error: PlatformError): MlflowError {
  const code = codes[error.code] ?? codeOfStatus(error.status)
  return new MlflowError(code, messages[error.code]?.(error.details) ?? error.message)
}

function codeOfStatus(status: number): MlflowErrorCode {
  if (status === 404) return 'RESOURCE_DOES_NOT_EXIST'
  if (status === 403) return 'PERMISSION_DENIED'
  if (status === 409) return 'RESOURCE_CONFLICT'
  if (status === 501) return 'NOT_IMPLEMENTED'
  if (status === 503 || status === 507) return 'TEMPORARILY_UNAVAILABLE'
  return status < 500 ? 'INVALID_PARAMETER_VALUE' : 'INTERNAL_ERROR'
}

type Code = { readonly [C in ErrorCode]?: MlflowErrorCode }
type Words = { readonly [C in ErrorCode]?: (details: Record<string, unknown>) => string }

const codes: Code = {
  // MLflow has no code for a wrong method. After this one its client tries the other method of a call that has two.
  'request.not_found': 'ENDPOINT_NOT_FOUND',
  'request.method_not_allowed': 'ENDPOINT_NOT_FOUND',
  'storage.conflict': 'ABORTED',
  'experiment.exists': 'RESOURCE_ALREADY_EXISTS',
  'experiment.deleted': 'INVALID_PARAMETER_VALUE',
  'run.exists': 'RESOURCE_ALREADY_EXISTS',
  'run.deleted': 'INVALID_PARAMETER_VALUE',
  'run.param_conflict': 'INVALID_PARAMETER_VALUE',
  'logged_model.exists': 'RESOURCE_ALREADY_EXISTS',
  'logged_model.param_conflict': 'INVALID_PARAMETER_VALUE',
  'model.exists': 'RESOURCE_ALREADY_EXISTS',
  // What a client that looks for an alias is prepared for.
  'model.alias_not_found': 'INVALID_PARAMETER_VALUE',
}

const messages: Words = {
  'request.not_found': ({ method, path }) => `There is no endpoint ${method} ${path}.`,
  'request.method_not_allowed': ({ method, path, allow }) =>
    `There is no endpoint ${method} ${path}, only ${allow}.`,
  'experiment.not_found': ({ experiment }) => `No Experiment with id=${experiment} exists`,
  'experiment.exists': ({ name, state }) => `Experiment(name=${name}) already exists. Its state is ${state}.`,
  'experiment.deleted': ({ experiment }) =>
    `The experiment ${experiment} must be in the 'active' state. Current state is deleted.`,
  'experiment.tag_not_found': ({ experiment, key }) =>
    `No tag with name: ${key} in experiment with id ${experiment}`,
  'run.not_found': ({ run }) => `Run with id=${run} not found`,
  'run.deleted': ({ run }) => `The run ${run} must be in the 'active' state. Current state is deleted.`,
  'run.tag_not_found': ({ run, key }) => `No tag with name: ${key} in run with id ${run}`,
  'run.param_conflict': ({ key, run, existing, value }) =>
    `Changing param values is not allowed. Param with key='${key}' was already logged with value='${fromJson(existing)}' for run ID='${run}'. Attempted logging new value '${value}'.`,
  'run.param_duplicate': ({ keys }) =>
    `Duplicate parameter keys have been submitted: [${String(keys).replaceAll('"', "'")}]. Please ensure the request contains only one param value per param key.`,
  'run.artifact_not_found': ({ path }) => `No such artifact: '${path}'`,
  'logged_model.not_found': ({ model }) => `Logged model with ID '${model}' not found.`,
  'logged_model.tag_not_found': ({ model, key }) =>
    `No tag with key '${key}' found for model with ID '${model}'.`,
  'search.invalid': ({ reason }) => String(reason),
  'search.page_token_invalid': ({ reason }) => `Invalid page token, ${reason}`,
  'artifact.path_invalid': () => 'Invalid path',
  'artifact.not_found': ({ path }) => `No such artifact: '${path}'`,
  'model.not_found': ({ model }) => `Registered Model with name=${model} not found`,
  'model.exists': ({ model }) => `Registered Model (name=${model}) already exists.`,
  'model.version_not_found': ({ model, version }) =>
    `Model Version (name=${model}, version=${version}) not found`,
  'model.alias_not_found': ({ alias }) => `Registered model alias ${alias} not found.`,
  'webhook.not_found': ({ webhook }) => `Webhook with ID ${webhook} not found.`,
}

/** The detail is JSON text, to be shown in quotes. */
function fromJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return text
  }
}
