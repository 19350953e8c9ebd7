import {
  buildSchema,
  type GraphQLFieldResolver,
  GraphQLFloat,
  type GraphQLSchema,
  isObjectType,
  isScalarType,
} from 'graphql'
import { MlflowError, statusOf } from '../mlflow-error.ts'
import { typeDefinitions } from './type-definitions.ts'

/** What the fields of one query have in common. */
export interface QueryContext {
  /** The answer of the REST API's call to a message by proto names. @throws MlflowError */
  call(path: string, message: Record<string, unknown>): Promise<Record<string, unknown>>
  /** The model versions that come from a run, as the REST API has them. @throws MlflowError */
  versionsOf(run: string): Promise<object[]>
}

type Resolver = GraphQLFieldResolver<Record<string, unknown>, QueryContext>

/** The REST API's call that answers each root field. */
const paths = {
  mlflowGetExperiment: '/experiments/get',
  mlflowGetMetricHistoryBulkInterval: '/metrics/get-history-bulk-interval',
  mlflowGetRun: '/runs/get',
  mlflowListArtifacts: '/artifacts/list',
  mlflowSearchDatasets: '/experiments/search-datasets',
  mlflowSearchModelVersions: '/model-versions/search',
  mlflowSearchRuns: '/runs/search',
} as const

/** What of a run is a call of its own. */
const ofRun: Record<'experiment' | 'modelVersions', Resolver> = {
  experiment: async ({ info }, _, { call }) =>
    (await call('/experiments/get', { experiment_id: infoOf(info).experiment_id })).experiment,
  modelVersions: ({ info }, _, { versionsOf }) => versionsOf(infoOf(info).run_id),
}

/** MLflow's schema, answered by the calls of its REST API. */
export function createSchema(): GraphQLSchema {
  const schema = buildSchema(typeDefinitions)
  for (const type of Object.values(schema.getTypeMap())) {
    if (isScalarType(type) && type.name === 'LongString') type.coerceOutputValue = String
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const [name, field] of Object.entries(type.getFields())) {
      if (Object.hasOwn(paths, name)) field.resolve = callOf(paths[name as keyof typeof paths])
      else if (type.name === 'MlflowRunExtension' && Object.hasOwn(ofRun, name))
        field.resolve = ofRun[name as keyof typeof ofRun]
      else field.resolve = field.type === GraphQLFloat ? readNumber : readField
    }
  }
  return schema
}

/** A refusal is part of the answer, where the pages look for it; what else goes wrong is an error of the query. */
function callOf(path: string): Resolver {
  return async (_, { input }, { call }) => {
    try {
      return await call(path, toMessage((input ?? {}) as Record<string, unknown>))
    } catch (error) {
      if (!(error instanceof MlflowError) || statusOf[error.code] >= 500) throw error
      return { api_error: { code: error.code, message: error.message } }
    }
  }
}

const readField: Resolver = (message, _, __, { fieldName }) => message[toProtoName(fieldName)]

/** GraphQL has no NaN. */
const readNumber: Resolver = (message, _, __, { fieldName }) => {
  const value = message[toProtoName(fieldName)]
  return value === 'NaN' ? null : value
}

function infoOf(info: unknown) {
  return info as { run_id: string; experiment_id: string }
}

function toMessage(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [toProtoName(name), value]))
}

function toProtoName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
