import type { EndpointRef } from '@millrace/protocol'
import { path, type Transport } from './transport.ts'

/** An endpoint by its definition, which types the inputs, or by its name. */
type EndpointName<R> = string | EndpointRef<R>

export interface PredictInput<R> {
  /** Names the prediction, for its label later; also makes the call safe to repeat. */
  id?: string
  inputs: R
}

export interface Prediction {
  id: string
  prediction: { label: boolean | number | string; probability: number }
  /** `model/version` */
  modelVersion: string
  revision: number
  /** Features that were missing or too old, if any. */
  degraded?: string[]
}

/** An item of a batch that was refused; the others are not touched by it. */
export interface RefusedPrediction {
  id?: string
  error: { error_code: string; message: string; details: Record<string, unknown> }
}

export interface Feedback {
  id: string
  label: boolean | 0 | 1
  /** When the label became known, milliseconds. */
  at?: number
}

/** How a step of a rollout ended. */
export interface RolloutStep {
  step: number
  percent: number
  startedAt: number
  endedAt: number
  outcome: 'advanced' | 'promoted' | 'rolled-back' | 'aborted'
  reason: string
  evidence: Record<string, unknown> | null
}

/** The way of a candidate to all of the traffic. */
export interface Rollout {
  candidate: number
  stable: number
  state: 'Progressing' | 'Promoted' | 'RolledBack' | 'Aborted'
  step: number
  /** The candidate's share of the traffic now. */
  percent: number
  startedAt: number
  endedAt: number | null
  /** Why it is over; null while in progress. */
  reason: string | null
  history: RolloutStep[]
}

export interface EndpointRevision {
  revision: number
  model: string
  version: number
  reason: string
  createdAt: number
}

export interface EndpointStatus {
  name: string
  /** Number of the revision that serves; null before the first deployment. */
  stable: number | null
  revisions: EndpointRevision[]
  /** The newest rollout, in progress or over; null before the second deployment. */
  rollout: Rollout | null
}

export function servingCalls({ send }: Transport) {
  const post = <T>(endpoint: string, action: string, call: { body?: unknown; idempotent: boolean }) =>
    send<T>({ method: 'POST', path: `${path`/v1/endpoints/${endpoint}`}/${action}`, ...call })
  return {
    /**
     * Asks for one prediction. Given the endpoint's definition, the inputs are checked by the compiler.
     * @throws `request.invalid` naming the field, `endpoint.overloaded`, and others of the catalogue.
     */
    predict: <R extends object = Record<string, unknown>>(
      endpoint: EndpointName<R>,
      input: PredictInput<NoInfer<R>>,
    ) => post<Prediction>(nameOf(endpoint), 'predict', { body: input, idempotent: input.id !== undefined }),
    /** Asks for many predictions; an item that is refused has an `error` in its place. */
    predictBatch: <R extends object = Record<string, unknown>>(
      endpoint: EndpointName<R>,
      batch: readonly PredictInput<NoInfer<R>>[],
    ) =>
      post<{ items: (Prediction | RefusedPrediction)[] }>(nameOf(endpoint), 'predict', {
        body: { batch },
        idempotent: batch.every((item) => item.id !== undefined),
      }),
    /** Tells what really happened; a later label of the same prediction wins. */
    feedback: <R extends object>(endpoint: EndpointName<R>, items: readonly Feedback[]) =>
      post<Record<string, unknown>>(nameOf(endpoint), 'feedback', { body: { items }, idempotent: true }),
    endpoints: {
      list: () => send<{ items: EndpointStatus[] }>({ method: 'GET', path: '/v1/endpoints' }),
      get: (endpoint: string) =>
        send<EndpointStatus>({ method: 'GET', path: path`/v1/endpoints/${endpoint}` }),
      deploy: (endpoint: string, body: { model: string; version: number }) =>
        post<Record<string, unknown>>(endpoint, 'deploy', { body, idempotent: false }),
      evaluateRollout: (endpoint: string) =>
        post<Record<string, unknown>>(endpoint, 'rollout/evaluate', { idempotent: true }),
      promote: (endpoint: string) =>
        post<Record<string, unknown>>(endpoint, 'rollout/promote', { idempotent: false }),
      abort: (endpoint: string, reason: string) =>
        post<Record<string, unknown>>(endpoint, 'rollout/abort', { body: { reason }, idempotent: false }),
    },
  }
}

function nameOf(endpoint: string | { readonly name: string }): string {
  return typeof endpoint === 'string' ? endpoint : endpoint.name
}
