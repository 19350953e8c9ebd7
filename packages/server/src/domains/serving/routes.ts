import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail, isPlatformError } from '@millrace/protocol'
import { type TProperties, Type } from 'typebox'
import type { ServingService } from './service.ts'

const tags = ['Serving']
const params = Type.Object({ name: Type.String() })
const closed = { additionalProperties: false } as const
const maxBatchRows = 1000
const maxExplainedRows = 100
const maxContributions = 1000
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

const Score = Type.Object({
  label: Type.Optional(Type.Unsafe<string | number | boolean>({ description: 'The class it speaks for' })),
  base: Type.Number({ description: 'The score of no row in particular' }),
  score: Type.Number({ description: 'The base, the contributions and the others together' }),
  contributions: Type.Array(
    Type.Object({
      feature: Type.String(),
      value: Type.Unsafe<string | number | boolean | null>({ description: 'null: missing' }),
      contribution: Type.Number(),
    }),
    { description: 'The largest by absolute value first' },
  ),
  others: Type.Optional(Type.Number({ description: 'The sum of the contributions that were left out' })),
})
const Explained = Type.Object({
  ...Prediction.properties,
  explanation: Type.Optional(
    Type.Object({
      link: Type.String({
        description:
          'What makes predictions of scores: identity, logistic (log-odds of the second of two classes), softmax, exp',
      }),
      scores: Type.Array(Score),
    }),
  ),
})
const ExplainResponse = Type.Object({
  ...Explained.properties,
  items: Type.Optional(Type.Array(Explained)),
})

/** One request or a batch of at most so many rows. */
const requestBody = <T extends TProperties>(maxItems: number, more: T) =>
  Type.Object(
    {
      id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
      inputs: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      batch: Type.Optional(Type.Array(Type.Unknown(), { minItems: 1, maxItems })),
      ...more,
    },
    closed,
  )

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
      '/v1/endpoints/:name/consistency',
      {
        schema: {
          tags,
          summary: 'Compare the features of logged predictions with those that training would have had',
          params,
          body: Type.Object(
            {
              from: Type.Number(),
              until: Type.Number(),
              sample: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
              tolerated: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
            },
            { additionalProperties: false },
          ),
        },
      },
      (request) => serving.checkConsistency(request.params.name, request.body),
    )
    app.get(
      '/v1/endpoints/:name/consistency',
      {
        schema: {
          tags,
          summary: 'Comparisons of logged features with those of training, newest first',
          params,
          querystring: Type.Object({
            limit: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
            pageToken: Type.Optional(Type.String({ maxLength: 20 })),
          }),
        },
      },
      (request) => serving.listConsistencyChecks(request.params.name, request.query),
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
          body: requestBody(maxBatchRows, {}),
          response: { 200: PredictResponse },
        },
      },
      async (request) => {
        const { batch, ...single } = request.body
        if (!batch) return serving.predict(request.params.name, single)
        refuseBoth(single)
        return toItems(batch, await serving.predictMany(request.params.name, batch))
      },
    )
    app.post(
      '/v1/endpoints/:name/explain',
      {
        schema: {
          tags,
          summary: 'Why the endpoint predicts what it predicts, for one request or for many',
          description:
            'Takes what predict takes and answers with the prediction and what each feature adds to its score (SHAP ' +
            'values). Nothing is logged. With an id the revision answers that answers this id at the moment, else ' +
            'the stable one.',
          params,
          body: requestBody(maxExplainedRows, {
            top: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: maxContributions,
                description: 'The most contributions to give; all by default',
              }),
            ),
          }),
          response: { 200: ExplainResponse },
        },
      },
      async (request) => {
        const { batch, top = maxContributions, ...single } = request.body
        if (!batch) return serving.explain(request.params.name, single, top)
        refuseBoth(single)
        return toItems(batch, await serving.explainMany(request.params.name, batch, top))
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

function refuseBoth({ id, inputs }: { id?: unknown; inputs?: unknown }): void {
  if (id === undefined && inputs === undefined) return
  throw fail('request.invalid', { reason: 'the body has either inputs or a batch, got both' })
}

function toItems<T>(batch: readonly unknown[], answers: readonly PromiseSettledResult<T>[]) {
  return {
    items: answers.map((answer, i) =>
      answer.status === 'fulfilled' ? answer.value : toErrorItem(batch[i], answer.reason),
    ),
  }
}

function toErrorItem(given: unknown, reason: unknown) {
  if (!isPlatformError(reason)) throw reason
  const id = (given as { id?: unknown } | null)?.id
  return { ...(typeof id === 'string' ? { id } : {}), error: reason.toBody() }
}
