import type { FastifyRequest } from 'fastify'
import { checkDepth } from '../../../http/validation.ts'
import { MlflowError } from '../mlflow-error.ts'
import { type Fields, type Message, readMessage } from './message.ts'

/** Most bytes of a JSON body: the profile of one dataset may have 16 MB. */
export const jsonLimit = 32 * 1024 * 1024

/**
 * The message of a request: from the query of a GET, else from the JSON body, which a GET without a query may have too.
 * What the path names is part of it.
 */
export async function readRequest<F extends Fields>(request: FastifyRequest, fields: F): Promise<Message<F>> {
  const query = request.url.split('?')[1]
  const given =
    request.method === 'GET' && query
      ? fromQuery(new URLSearchParams(query), fields)
      : await fromBody(request)
  return readMessage(fields, { ...given, ...(request.params as object) })
}

function fromQuery(query: URLSearchParams, fields: Fields): Record<string, unknown> {
  const entries = [...new Set(query.keys())].map((name): [string, unknown] => {
    const field = fields[name]
    const type = field && 'required' in field ? field.required : field
    if (type?.repeated) return [name, query.getAll(name)]
    const text = query.get(name) ?? ''
    return [name, type?.fromQuery ? type.fromQuery(text) : text]
  })
  return Object.fromEntries(entries)
}

async function fromBody(request: FastifyRequest): Promise<Record<string, unknown>> {
  const text = typeof request.body === 'string' ? request.body : await readText(request)
  if (text === '') return {}
  // What a GET has in its body is read as JSON whatever it calls itself: curl calls it a form.
  if (request.method !== 'GET' && !/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      "Bad Request. Content-Type must be one of ['application/json'].",
    )
  }
  const value = parse(text)
  // Old clients encode the body twice.
  const object = typeof value === 'string' ? parse(value) : value
  checkDepth(object)
  if (typeof object === 'object' && object !== null && !Array.isArray(object)) {
    return object as Record<string, unknown>
  }
  throw new MlflowError('INVALID_PARAMETER_VALUE', 'Bad Request. The body must be a JSON object.')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Bad Request. The body is not JSON: ${(error as Error).message}`,
    )
  }
}

/** The body of a GET, which the framework leaves unread. */
async function readText({ raw }: FastifyRequest): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > jsonLimit) break
    chunks.push(chunk)
  }
  if (size > jsonLimit) {
    // The rest is taken and dropped: a client reads no answer before it has sent all.
    raw.resume()
    throw new MlflowError('INVALID_PARAMETER_VALUE', `The body is larger than ${jsonLimit} bytes.`)
  }
  return Buffer.concat(chunks).toString('utf8')
}
