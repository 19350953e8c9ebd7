import type { FastifyRequest } from 'fastify'
import { execute, GraphQLError, parse, specifiedRules, validate } from 'graphql'
import type { Endpoint } from '../endpoint.ts'
import { toMlflowError } from '../errors.ts'
import { MlflowError } from '../mlflow-error.ts'
import { gathered } from '../streamed-answer.ts'
import { readMessage } from '../wire/message.ts'
import { checkLimits } from './limits.ts'
import { createSchema, type QueryContext } from './schema.ts'
import { createVersionsOfRuns } from './versions-of-runs.ts'

/** Bounds the work before a query is understood; those of MLflow's pages have fewer than 200. */
const mostTokens = 2000

export interface GraphqlQuery {
  query: string
  variables?: Record<string, unknown>
  operationName?: string
}
export interface GraphqlAnswer {
  data: unknown
  errors: string[] | null
}

/**
 * Makes what answers queries by the endpoints of the REST API. What a call refuses is in `apiError` of its answer; a query
 * that cannot be run has its reasons, as texts, in `errors`, as MLflow's has.
 */
export function createQueries(
  endpoints: readonly Endpoint[],
): (asked: GraphqlQuery, request: FastifyRequest) => Promise<GraphqlAnswer> {
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

  return async ({ query, variables: variableValues, operationName }, request) => {
    try {
      const document = parse(query, { maxLexicalTokens: mostTokens, noLocation: true })
      const problems = validate(schema, document, specifiedRules, { maxErrors: 10 })
      if (problems.length > 0) return { data: null, errors: problems.map(messageOf) }
      checkLimits(schema, document)
      const { data, errors } = await execute({
        schema,
        document,
        variableValues,
        operationName,
        contextValue: contextOf(request),
      })
      return { data: data ?? null, errors: errors?.map(messageOf) ?? null }
    } catch (error) {
      if (!(error instanceof GraphQLError || error instanceof MlflowError)) throw error
      return { data: null, errors: [error.message] }
    }
  }
}

function messageOf({ message }: GraphQLError): string {
  return message
}
