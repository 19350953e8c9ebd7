import { performance } from 'node:perf_hooks'
import { fail } from '@millrace/protocol'
import { bucketOf, isCandidate } from './assignment.ts'
import type { Settled } from './batcher.ts'
import type { Variant } from './endpoint.ts'
import type { FeatureLookup, RowFeatures } from './feature-lookup.ts'
import type { LoadedVariant } from './loaded-variant.ts'
import type { PredictionRow } from './log/prediction-line.ts'
import type { PredictionLog } from './log/prediction-log.ts'
import type { ServingMetrics } from './metrics.ts'
import type { PredictRequest } from './request.ts'
import { fillColumns } from './runtimes/fill-columns.ts'
import type { Prediction } from './runtimes/prediction.ts'

/** Who answers at the moment. Only models that are loaded and warm are in it. */
export interface Routing {
  salt: string
  stable: LoadedVariant
  candidate: LoadedVariant | null
  /** The candidate's share. */
  percent: number
}

export interface QueuedRequest extends PredictRequest {
  /** `performance.now()` when it came. */
  queuedAt: number
}

export interface Answer {
  id: string
  prediction: Prediction
  modelVersion: string
  revision: number
  /** Features that were missing or stale; absent if there are none. */
  degraded?: string[]
}

export interface PredictorDeps {
  endpoint: string
  log: PredictionLog
  metrics: ServingMetrics
  now(): number
}

/**
 * Answers a batch: features once for all that share a lookup, one inference per variant, one write of the log, and
 * only then the answers. A row that fails does not touch the others. If the candidate's model or its own features
 * fail where the stable ones do not, those answer, and the failure is logged as the candidate's.
 */
export async function answerBatch(
  deps: PredictorDeps,
  routing: Routing,
  requests: readonly QueuedRequest[],
): Promise<Settled<Answer>[]> {
  const { stable, candidate } = routing
  const results = new Array<Settled<Answer>>(requests.length)
  const rows: Record<Variant, PredictionRow[]> = { stable: [], candidate: [] }
  const found = new Array<Settled<RowFeatures>>(requests.length)
  const shares: Record<Variant, number[]> = { stable: [], candidate: [] }
  for (let i = 0; i < requests.length; i++) shares[variantOf(routing, requests[i].id)].push(i)
  const apart = candidate !== null && candidate.lookup !== stable.lookup

  async function lookUp(lookup: FeatureLookup, share: readonly number[]): Promise<void> {
    if (share.length === 0) return
    const read = await lookup.read(share.map((i) => requests[i].inputs))
    for (const [place, i] of share.entries()) found[i] = read[place]
  }
  const isFound = (i: number) => found[i].ok

  function log(i: number, variant: Variant, loaded: LoadedVariant, outcome: Outcome): void {
    const { id, inputs, eventTime, queuedAt } = requests[i]
    rows[variant].push({
      id,
      at: deps.now(),
      eventTime,
      inputs,
      ...outcome,
      modelVersion: loaded.modelVersion,
      revision: loaded.revision,
      variant,
      latencyUs: Math.round((performance.now() - queuedAt) * 1000),
    })
  }

  /** @returns those that it could not answer */
  async function answer(share: number[], variant: Variant, loaded: LoadedVariant): Promise<number[]> {
    if (share.length === 0) return []
    const given = share.map((i) => requireValue(found[i]))
    const scores = await scoreEach(loaded, given)
    const unanswered: number[] = []
    for (const [place, i] of share.entries()) {
      const { values: features, degraded } = given[place]
      const score = scores[place]
      if (score.ok) {
        log(i, variant, loaded, { features, prediction: score.value, degraded, error: null })
        results[i] = {
          ok: true,
          value: toAnswer(requests[i].id, { prediction: score.value, degraded }, loaded),
        }
      } else {
        const error = (score.error as Error).message
        log(i, variant, loaded, { features, prediction: null, degraded, error })
        results[i] = { ok: false, error: failed(deps.endpoint, loaded, score.error) }
        unanswered.push(i)
      }
    }
    return unanswered
  }

  if (!apart) {
    await lookUp(
      stable.lookup,
      requests.map((_, i) => i),
    )
  } else {
    await lookUp(candidate.lookup, shares.candidate)
    await lookUp(stable.lookup, shares.stable)
  }
  if (candidate) {
    const able = shares.candidate.filter(isFound)
    const unanswered = await answer(able, 'candidate', candidate)
    for (const _ of unanswered) deps.metrics.countRows(deps.endpoint, candidate.revision, 'failed')
    const unable = shares.candidate.filter((i) => !isFound(i)).map((i) => ({ i, error: errorOf(found[i]) }))
    const left = [...unanswered, ...unable.map(({ i }) => i)]
    if (apart) await lookUp(stable.lookup, left)
    shares.stable.push(...left)
    // What no features can be computed of at all is the request's fault, not the candidate's.
    for (const { i, error } of unable.filter((row) => isFound(row.i))) {
      const features = Object.fromEntries(candidate.lookup.names.map((name) => [name, null]))
      log(i, 'candidate', candidate, { features, prediction: null, degraded: [], error })
      deps.metrics.countRows(deps.endpoint, candidate.revision, 'failed')
    }
  }
  for (const i of shares.stable) {
    const features = found[i]
    if (!features.ok) results[i] = features
  }
  await answer(shares.stable.filter(isFound), 'stable', stable)
  if (candidate && rows.candidate.length > 0) append(deps, rows.candidate, candidate.lookup)
  if (rows.stable.length > 0) append(deps, rows.stable, stable.lookup)
  count(deps, requests, results)
  return results
}

type Outcome = Pick<PredictionRow, 'features' | 'prediction' | 'degraded' | 'error'>

function append(
  { endpoint, log, metrics }: PredictorDeps,
  rows: readonly PredictionRow[],
  { names }: FeatureLookup,
): void {
  metrics.countLogBytes(endpoint, 'predictions', log.append(rows, names))
}

function errorOf(features: Settled<RowFeatures>): string {
  return features.ok ? '' : (features.error as Error).message
}

/** Which revision answers a request with this id, while the routing stays as it is. */
export function variantOf({ candidate, percent, salt }: Routing, id: string): Variant {
  return candidate && isCandidate(bucketOf(salt, id), percent) ? 'candidate' : 'stable'
}

/** All rows at once; one by one only if that fails, so that a row that the model refuses fails alone. */
async function scoreEach(loaded: LoadedVariant, rows: RowFeatures[]): Promise<Settled<Prediction>[]> {
  const together = await score(loaded, rows)
  if (together.ok) return together.value.map((value) => ({ ok: true, value }))
  if (rows.length === 1) return [together]
  const scores: Settled<Prediction>[] = []
  for (const row of rows) {
    const alone = await score(loaded, [row])
    scores.push(alone.ok ? { ok: true, value: alone.value[0] } : alone)
  }
  return scores
}

async function score(loaded: LoadedVariant, rows: RowFeatures[]): Promise<Settled<Prediction[]>> {
  try {
    const batch = loaded.model.batch(rows.length)
    fillColumns(batch.columns, loaded.features, rows)
    return { ok: true, value: await batch.run() }
  } catch (error) {
    return { ok: false, error }
  }
}

function toAnswer(
  id: string,
  { prediction, degraded }: { prediction: Prediction; degraded: string[] },
  { modelVersion, revision }: LoadedVariant,
): Answer {
  const answer: Answer = { id, prediction, modelVersion, revision }
  if (degraded.length > 0) answer.degraded = degraded
  return answer
}

function requireValue(features: Settled<RowFeatures>): RowFeatures {
  if (!features.ok) throw new TypeError('A row without features cannot be scored')
  return features.value
}

function failed(endpoint: string, { modelVersion }: LoadedVariant, error: unknown) {
  const reason = (error as Error).message
  return fail('endpoint.prediction_failed', { endpoint, modelVersion, reason }, error)
}

function count(
  { metrics, endpoint }: PredictorDeps,
  requests: readonly QueuedRequest[],
  results: readonly Settled<Answer>[],
): void {
  for (const [i, result] of results.entries()) {
    if (!result.ok) metrics.countRows(endpoint, null, 'failed')
    else metrics.countRows(endpoint, result.value.revision, result.value.degraded ? 'degraded' : 'ok')
    metrics.observeLatency(endpoint, (performance.now() - requests[i].queuedAt) / 1000)
  }
}
