import { performance } from 'node:perf_hooks'
import { fail } from '@millrace/protocol'
import type { FeatureValue } from '../features/index.ts'
import { bucketOf, isCandidate } from './assignment.ts'
import type { Settled } from './batcher.ts'
import type { Variant } from './endpoint.ts'
import type { FeatureLookup, RowFeatures } from './feature-lookup.ts'
import type { LoadedVariant } from './loaded-variant.ts'
import type { PredictionRow } from './log/prediction-line.ts'
import type { PredictionLog } from './log/prediction-log.ts'
import type { ServingMetrics } from './metrics.ts'
import type { PredictRequest } from './request.ts'

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
  prediction: { label: number; probability: number }
  modelVersion: string
  revision: number
  /** Features that were missing or stale; absent if there are none. */
  degraded?: string[]
}

export interface PredictorDeps {
  endpoint: string
  features: FeatureLookup
  log: PredictionLog
  metrics: ServingMetrics
  now(): number
}

/**
 * Answers a batch: features once for all, one inference per variant, one write of the log, and only then the
 * answers. A row that fails does not touch the others; if the candidate's model fails, the stable one answers and
 * the failure is logged as the candidate's.
 */
export async function answerBatch(
  deps: PredictorDeps,
  routing: Routing,
  requests: readonly QueuedRequest[],
): Promise<Settled<Answer>[]> {
  const results = new Array<Settled<Answer>>(requests.length)
  const rows: PredictionRow[] = []
  const found = await deps.features.read(requests.map(({ inputs }) => inputs))
  const shares: Record<Variant, number[]> = { stable: [], candidate: [] }
  for (let i = 0; i < requests.length; i++) {
    const features = found[i]
    if (!features.ok) results[i] = features
    else shares[variantOf(routing, requests[i].id)].push(i)
  }

  async function answer(share: number[], variant: Variant, loaded: LoadedVariant): Promise<boolean> {
    const given = share.map((i) => requireValue(found[i]))
    const scores = await score(loaded, given)
    const modelVersion = loaded.modelVersion
    for (const [place, i] of share.entries()) {
      const { id, inputs, eventTime, queuedAt } = requests[i]
      const { values, degraded } = given[place]
      const probability = scores.ok ? scores.value.probabilities[place] : null
      const label = scores.ok ? scores.value.labels[place] : null
      rows.push({
        id,
        at: deps.now(),
        eventTime,
        inputs,
        features: values,
        probability,
        label,
        modelVersion,
        revision: loaded.revision,
        variant,
        latencyUs: Math.round((performance.now() - queuedAt) * 1000),
        degraded,
        error: scores.ok ? null : (scores.error as Error).message,
      })
      results[i] =
        probability !== null && label !== null
          ? { ok: true, value: toAnswer(id, { probability, label, degraded }, loaded) }
          : { ok: false, error: failed(deps.endpoint, loaded, scores) }
    }
    return scores.ok
  }

  if (routing.candidate && shares.candidate.length > 0) {
    const answered = await answer(shares.candidate, 'candidate', routing.candidate)
    if (!answered) {
      for (const _ of shares.candidate)
        deps.metrics.countRows(deps.endpoint, routing.candidate.revision, 'failed')
      shares.stable.push(...shares.candidate)
    }
  }
  if (shares.stable.length > 0) await answer(shares.stable, 'stable', routing.stable)
  if (rows.length > 0) {
    deps.metrics.countLogBytes(deps.endpoint, 'predictions', deps.log.append(rows, deps.features.names))
  }
  count(deps, requests, results)
  return results
}

function variantOf({ candidate, percent, salt }: Routing, id: string): Variant {
  return candidate && isCandidate(bucketOf(salt, id), percent) ? 'candidate' : 'stable'
}

async function score(loaded: LoadedVariant, rows: RowFeatures[]) {
  try {
    const batch = loaded.model.batch(rows.length)
    for (const [c, { name }] of loaded.features.entries()) {
      const column = batch.columns[c]
      if (Array.isArray(column))
        for (let r = 0; r < rows.length; r++) column[r] = toText(rows[r].values[name])
      else for (let r = 0; r < rows.length; r++) column[r] = toNumber(rows[r].values[name])
    }
    return { ok: true as const, value: await batch.run() }
  } catch (error) {
    return { ok: false as const, error }
  }
}

function toNumber(value: FeatureValue | undefined): number {
  return value === null || value === undefined ? Number.NaN : Number(value)
}

function toText(value: FeatureValue | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}

function toAnswer(
  id: string,
  { probability, label, degraded }: { probability: number; label: number; degraded: string[] },
  { modelVersion, revision }: LoadedVariant,
): Answer {
  const answer: Answer = { id, prediction: { label, probability }, modelVersion, revision }
  if (degraded.length > 0) answer.degraded = degraded
  return answer
}

function requireValue(features: Settled<RowFeatures>): RowFeatures {
  if (!features.ok) throw new TypeError('A row without features cannot be scored')
  return features.value
}

function failed(endpoint: string, { modelVersion }: LoadedVariant, scores: { ok: boolean; error?: unknown }) {
  const reason = (scores.error as Error).message
  return fail('endpoint.prediction_failed', { endpoint, modelVersion, reason }, scores.error)
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
