import type { FastifyInstance, FastifyRequest } from 'fastify'
import { execute, GraphQLError, parse, specifiedRules, validate } from 'graphql'
import { type Endpoint, sendJson } from '../endpoint.ts'
import { toMlflowError } from '../errors.ts'
import { MlflowError } from '../mlflow-error.ts'
import { gathered } from '../streamed-answer.ts'
import { invalid } from '../wire/invalid.ts'
import { readMessage, required } from '../wire/message.ts'
import { jsonLimit, readRequest } from '../wire/request.ts'
import { text, type WireType } from '../wire/types.ts'
import { checkLimits } from './limits.ts'
import { createSchema, type QueryContext } from './schema.ts'
import { createVersionsOfRuns } from './versions-of-runs.ts'

/** Bounds the work before a query is understood; those of MLflow's pages have fewer than 200. */
const mostTokens = 2000

const variables: WireType<Record<string, unknown>> = {
  read(value, at) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
    throw invalid(at, value)
  },
}
const fields = { query: required(text), variables, operationName: text } as const

/**
 * `/graphql`, which MLflow's pages ask beside its REST API. What a call refuses is in `apiError` of its answer; a query
 * that cannot be run has its reasons, as texts, in `errors`, as MLflow's has.
 */
export function mountGraphql(app: FastifyInstance, endpoints: readonly Endpoint[]): void {
  const schema = createSchema()
  const byPath = new Map(endpoints.map((one) => [one.path, one]))

  /** Calls of one query that ask for the same are one. */
  function contextOf(request: FastifyRequest): QueryContext {
    const answers = new Map<string, Promise<Record<string, unknown>>>()
    async function answer(path: string, message: Record<string, unknown>) {
      const endpoint = byPath.get(path)
      if (!endpoint) throw new TypeError(`${path} is no call of the REST API`)
      try {
        return await gathered(await endpoint.handle(readMessage(endpoint.request, message), request))
      } catch (error) {
        throw toMlflowError(error, request)
      }
    }
    return {
      call(path, message) {
        const key = JSON.stringify([path, message])
        const known = answers.get(key) ?? answer(path, message)
        answers.set(key, known)
        return known
      },
      versionsOf: createVersionsOfRuns(async (runs) => {
        // Ids of runs have no quotes.
        const filter = `run_id IN (${runs.map((run) => `'${run}'`).join(', ')})`
        const { model_versions = [] } = await answer('/model-versions/search', { filter })
        return model_versions as { run_id: string }[]
      }),
    }
  }

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    bodyLimit: jsonLimit,
    schema: { hide: true },
    exposeHeadRoute: false,
    async handler(request, reply) {
      const { query, variables: variableValues, operationName } = await readRequest(request, fields)
      try {
        const document = parse(query, { maxLexicalTokens: mostTokens, noLocation: true })
        const problems = validate(schema, document, specifiedRules, { maxErrors: 10 })
        if (problems.length > 0) return sendJson(reply, { data: null, errors: problems.map(messageOf) })
        checkLimits(schema, document)
        const { data, errors } = await execute({
          schema,
          document,
          variableValues,
          operationName,
          contextValue: contextOf(request),
        })
        return sendJson(reply, { data: data ?? null, errors: errors?.map(messageOf) ?? null })
      } catch (error) {
        if (!(error instanceof GraphQLError || error instanceof MlflowError)) throw error
        return sendJson(reply, { data: null, errors: [error.message] })
      }
    },
  })
}

function messageOf({ message }: GraphQLError): string {
  return message
}
