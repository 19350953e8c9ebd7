import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendStreamed } from './streamed-answer.ts'
import type { Fields, Message } from './wire/message.ts'
import { jsonLimit, readRequest } from './wire/request.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** One call of MLflow's REST API: what it takes, and the domain service that answers. */
export interface Endpoint<F extends Fields = Fields> {
  method: Method | readonly Method[]
  /** Below the area; `:name` fills the field of that name. */
  path: string
  area?: 'mlflow' | 'mlflow-artifacts'
  /** The version in the address; 2 unless told. */
  major?: 2 | 3
  /** Mounted only where MLflow's browser pages look for it. */
  ajaxOnly?: true
  request: F
  /** The answer by proto names; its lists may be `Parts`. What is `undefined` is omitted. */
  handle(message: Message<F>, request: FastifyRequest): Promise<object>
}

/** Infers the type of the message from the fields. */
export function endpoint<const F extends Fields>(description: Endpoint<F>): Endpoint {
  return description as unknown as Endpoint
}

/** MLflow's client uses `/api`, its pages use `/ajax-api`, for the same calls. */
export function mountEndpoints(app: FastifyInstance, endpoints: readonly Endpoint[]): void {
  for (const { method, path, area = 'mlflow', major = 2, ajaxOnly, request: fields, handle } of endpoints) {
    for (const prefix of ajaxOnly ? ['/ajax-api'] : ['/api', '/ajax-api']) {
      app.route({
        method: typeof method === 'string' ? method : [...method],
        url: `${prefix}/${major}.0/${area}${path}`,
        bodyLimit: jsonLimit,
        schema: { hide: true },
        // HEAD would need the answer computed to be thrown away.
        exposeHeadRoute: false,
        handler: async (request, reply) => {
          const answer = await handle(await readRequest(request, fields), request)
          return sendStreamed(reply, answer)
        },
      })
    }
  }
}

export function sendJson(reply: FastifyReply, answer: object): FastifyReply {
  return reply.type('application/json').send(JSON.stringify(answer))
}

/** Empty lists are not sent. */
export function orAbsent<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}
