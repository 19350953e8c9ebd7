import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail, isPlatformError } from '@millrace/protocol'
import { Type } from 'typebox'
import type { ServingService } from './service.ts'

const tags = ['Serving']
const params = Type.Object({ name: Type.String() })
const closed = { additionalProperties: false } as const
const maxBatchRows = 1000
const maxFeedbackItems = 10_000

const ErrorItem = Type.Object({
  error_code: Type.String(),
  message: Type.String(),
  details: Type.Record(Type.String(), Type.Unknown()),
})
const Prediction = Type.Object({
  id: Type.Optional(Type.String()),
  prediction: Type.Optional(
    Type.Object({
      label: Type.Optional(Type.Unsafe<string | number | boolean>({ description: '0 or 1, or the class' })),
      probability: Type.Optional(Type.Number({ description: 'Of the label 1' })),
      probabilities: Type.Optional(
        Type.Record(Type.String(), Type.Number(), { description: 'Of each class, if they are not 0 and 1' }),
      ),
      value: Type.Optional(Type.Number({ description: 'Of a model for numbers or recommendations' })),
      cluster: Type.Optional(Type.Integer({ description: 'Of a model for clusters, from 0' })),
      distance: Type.Optional(Type.Number({ description: 'From the centre of the cluster' })),
      outlier: Type.Optional(Type.Boolean({ description: 'Of a model for anomalies' })),
      score: Type.Optional(Type.Number({ description: '0 … 1, the higher the stranger' })),
    }),
  ),
  modelVersion: Type.Optional(Type.String()),
  revision: Type.Optional(Type.Integer()),
  degraded: Type.Optional(Type.Array(Type.String(), { description: 'Features that were missing or stale' })),
  error: Type.Optional(ErrorItem),
})
/** One object for both forms: it compiles to one serialiser without a choice at run time. */
const PredictResponse = Type.Object({
  ...Prediction.properties,
  items: Type.Optional(Type.Array(Prediction)),
})

/** Routes to ask for predictions, to tell the truth later, and to look at endpoints and move their rollouts. */
export function servingRoutes(serving: ServingService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/v1/endpoints', { schema: { tags, summary: 'All endpoints with their traffic' } }, async () => ({
      items: await serving.listEndpoints(),
    }))
    app.get(
      '/v1/endpoints/:name',
      {
        schema: {
          tags,
          summary: 'One endpoint: revisions, traffic and rollouts with their evidence',
          params,
        },
      },
      (request) => serving.getEndpoint(request.params.name),
    )
    app.get(
      '/v1/endpoints/:name/log',
      { schema: { tags, summary: 'Counts of what is in the logs of an endpoint', params } },
      (request) => serving.summarizeLog(request.params.name),
    )
    app.post(
      '/v1/endpoints/:name/predict',
      {
        schema: {
          tags,
          summary: 'Predict for one request `{ id?, inputs }`, or for many `{ batch: [{ id?, inputs }] }`',
          description:
            'Inputs are the columns of the feature service: keys, event time, request features. With an id a ' +
            'request can be repeated: it counts once. In a batch a bad row gives an error in its place.',
          params,
          body: Type.Object(
            {
              id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
              inputs: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
              batch: Type.Optional(Type.Array(Type.Unknown(), { minItems: 1, maxItems: maxBatchRows })),
            },
            closed,
          ),
          response: { 200: PredictResponse },
        },
      },
      async (request) => {
        const { batch, ...single } = request.body
        if (!batch) return serving.predict(request.params.name, single)
        if (single.id !== undefined || single.inputs !== undefined) {
          throw fail('request.invalid', { reason: 'the body has either inputs or a batch, got both' })
        }
        const answers = await serving.predictMany(request.params.name, batch)
        return {
          items: answers.map((answer, i) =>
            answer.status === 'fulfilled' ? answer.value : toErrorItem(batch[i], answer.reason),
          ),
        }
      },
    )
    app.post(
      '/v1/endpoints/:name/feedback',
      {
        schema: {
          tags,
          summary: 'Tell what turned out to be true; a later label of the same id replaces the earlier',
          params,
          body: Type.Object(
            {
              items: Type.Array(
                Type.Object(
                  {
                    id: Type.String({ minLength: 1, maxLength: 128 }),
                    label: Type.Unsafe<boolean | 0 | 1>({ enum: [true, false, 1, 0] }),
                    at: Type.Optional(Type.Integer({ description: 'When it was known, milliseconds' })),
                  },
                  closed,
                ),
                { maxItems: maxFeedbackItems },
              ),
            },
            closed,
          ),
        },
      },
      async (request) => {
        await serving.acceptFeedback(request.params.name, request.body.items)
        return { accepted: request.body.items.length }
      },
    )
    await app.register(rolloutRoutes(serving))
  }
}

function rolloutRoutes(serving: ServingService): FastifyPluginAsyncTypebox {
  const Reason = Type.Object(
    { reason: Type.String({ minLength: 1, maxLength: 1000, default: 'by hand' }) },
    closed,
  )
  return async (app) => {
    app.post(
      '/v1/endpoints/:name/deploy',
      {
        schema: {
          tags,
          summary: 'Deploy a registered model version: the first one at once, later ones step by step',
          params,
          body: Type.Object(
            {
              model: Type.String(),
              version: Type.Integer({ minimum: 1 }),
              strategy: Type.Optional(Type.Union([Type.Literal('all-at-once'), Type.Literal('canary')])),
              reason: Type.String({ minLength: 1, maxLength: 1000, default: 'by hand' }),
            },
            closed,
          ),
        },
      },
      async (request) => {
        const { model, version, strategy, reason } = request.body
        const endpoint = request.params.name
        return serving.deploy({ endpoint, modelVersion: { model, version }, strategy, reason })
      },
    )
    app.post(
      '/v1/endpoints/:name/rollout/evaluate',
      { schema: { tags, summary: 'Judge the present step of the rollout now', params } },
      (request) => serving.evaluateRollout(request.params.name),
    )
    app.post(
      '/v1/endpoints/:name/rollout/promote',
      { schema: { tags, summary: 'Give all of the traffic to the candidate', params, body: Reason } },
      (request) => serving.promoteRollout(request.params.name, request.body.reason),
    )
    app.post(
      '/v1/endpoints/:name/rollout/abort',
      { schema: { tags, summary: 'Take the candidate out of the traffic', params, body: Reason } },
      (request) => serving.abortRollout(request.params.name, request.body.reason),
    )
  }
}

function toErrorItem(given: unknown, reason: unknown) {
  if (!isPlatformError(reason)) throw reason
  const id = (given as { id?: unknown } | null)?.id
  return { ...(typeof id === 'string' ? { id } : {}), error: reason.toBody() }
}
