import { isDeepStrictEqual } from 'node:util'
import { checkDepth } from '../../http/validation.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'
import { decisionOf, userOf } from './user.ts'
import { entry, toRecord } from './wire/entries.ts'
import { messageOf, required } from './wire/message.ts'
import { metric, metricFields, toLoggedMetric } from './wire/metrics.ts'
import { int64, listOf, text, withDefault } from './wire/types.ts'

const most = { metrics: 1000, params: 100, tags: 100 }
const mostInAll = 1000
/** Values that are too long are cut, as MLflow's server does. */
const longValues = 'truncate'
const historyTag = 'mlflow.log-model.history'

const dataset = messageOf({
  name: required(text),
  digest: required(text),
  source_type: required(text),
  source: required(text),
  schema: text,
  profile: text,
})

/** What is logged to runs: metrics, parameters, tags, inputs and outputs. */
export function runEntryEndpoints({ tracking }: MlflowDeps): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/runs/log-metric',
      request: { run_id: required(text), ...metricFields },
      async handle({ run_id, ...given }) {
        await tracking.logBatch({ run: run_id, metrics: [toLoggedMetric(given)], longValues })
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/log-parameter',
      request: { run_id: required(text), key: required(text), value: text },
      async handle({ run_id, key, value = '' }) {
        await tracking.logBatch({ run: run_id, params: [{ key, value }], longValues })
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/log-batch',
      request: {
        run_id: required(text),
        metrics: listOf(metric),
        params: listOf(entry),
        tags: listOf(entry),
      },
      async handle({ run_id, metrics, params, tags }, request) {
        checkBatch({ metrics, params, tags })
        await tracking.logBatch({
          run: run_id,
          metrics: metrics.map(toLoggedMetric),
          params,
          tags,
          longValues,
          by: decisionOf(userOf(request)).by,
        })
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/set-tag',
      request: { run_id: required(text), key: required(text), value: text },
      async handle({ run_id, key, value = '' }, request) {
        const { by } = decisionOf(userOf(request))
        await tracking.logBatch({ run: run_id, tags: [{ key, value }], longValues, by })
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/delete-tag',
      request: { run_id: required(text), key: required(text) },
      async handle({ run_id, key }, request) {
        await tracking.deleteRunTag(run_id, key, decisionOf(userOf(request)).by)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/log-inputs',
      request: {
        run_id: required(text),
        datasets: listOf(messageOf({ tags: listOf(entry), dataset: required(dataset) })),
        models: listOf(messageOf({ model_id: required(text) })),
      },
      async handle({ run_id, datasets, models }) {
        await tracking.logInputs({
          run: run_id,
          datasets: datasets.map(({ dataset: { source_type, ...facts }, tags }) => ({
            dataset: { ...facts, sourceType: source_type },
            tags: toRecord(tags),
          })),
          models: models.map(({ model_id }) => model_id),
        })
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/outputs',
      request: {
        run_id: required(text),
        models: required(listOf(messageOf({ model_id: required(text), step: withDefault(int64, 0) }))),
      },
      async handle({ run_id, models }) {
        const outputs = models.map(({ model_id, step }) => ({ model: model_id, step }))
        await tracking.logOutputs(run_id, outputs)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/log-model',
      request: { run_id: required(text), model_json: required(text) },
      async handle({ run_id, model_json }) {
        const model = readModel(model_json)
        await tracking.changeRunTag(run_id, historyTag, (text) => addToHistory(text, model))
        return {}
      },
    }),
  ]
}

function checkBatch(batch: Record<keyof typeof most, readonly unknown[]>): void {
  const counts = Object.entries(most).map(([name, limit]) => ({
    name,
    limit,
    count: batch[name as keyof typeof most].length,
  }))
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  for (const { name, limit, count } of [
    ...counts,
    { name: 'metrics, params, and tags', limit: mostInAll, count: total },
  ]) {
    if (count <= limit) continue
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `A batch logging request can contain at most ${limit} ${name}. Got ${count} ${name}. Please split up ${name} across multiple requests and try again.`,
    )
  }
}

function readModel(text: string): object {
  const model = tryParse(text)
  if (typeof model !== 'object' || model === null || Array.isArray(model)) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Malformed model info. \n ${text.slice(0, 200)} \n is not valid JSON of a model.`,
    )
  }
  checkDepth(model)
  const missing = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'].filter((key) => !(key in model))
  if (missing.length === 0) return model
  throw new MlflowError(
    'INVALID_PARAMETER_VALUE',
    `Model json is missing mandatory fields: {${missing.map((key) => `'${key}'`).join(', ')}}`,
  )
}

/** A model that is there already was sent twice. */
function addToHistory(text: string | undefined, model: object): string {
  const history = text === undefined ? [] : tryParse(text)
  const known = Array.isArray(history) ? history : []
  const isKnown = known.some((one) => isDeepStrictEqual(one, model))
  return JSON.stringify(isKnown ? known : [...known, model])
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
