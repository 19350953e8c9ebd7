import type { EndpointRef } from '@millrace/protocol'
import type { ConsistencyCheck, ConsistencyInput } from './consistency.ts'
import type { ExplainedPrediction, ExplainOptions } from './explanations.ts'
import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

/** An endpoint by its definition, which types the inputs, or by its name. */
type EndpointName<R> = string | EndpointRef<R>

export interface PredictInput<R> {
  /** Names the prediction, for its label later; also makes the call safe to repeat. */
  id?: string
  inputs: R
}

/** Of a model whose label is true or false, or 1 or 0. */
export interface FlagPrediction {
  label: number
  /** That of label 1. */
  probability: number
}

/** Of a model of any other classes. */
export interface ClassPrediction {
  /** The most probable class. */
  label: string | number | boolean
  /** Of each class, by its name. */
  probabilities: Record<string, number>
}

/** Of a model for numbers, and for recommendations: the score of the user and the item. */
export interface NumberPrediction {
  value: number
}

/** Of a model that finds clusters. */
export interface ClusterPrediction {
  /** 0, 1, … */
  cluster: number
  /** Of the row from the centre of the cluster, as the learner measures it. */
  distance: number
}

/** Of a model that finds anomalies. */
export interface AnomalyPrediction {
  outlier: boolean
  /** 0 … 1, the higher the stranger. */
  score: number
}

export type PredictedValue =
  | FlagPrediction
  | ClassPrediction
  | NumberPrediction
  | ClusterPrediction
  | AnomalyPrediction

/** What an endpoint answers; which of these `prediction` is, its model decides. */
export interface Prediction<P extends PredictedValue = FlagPrediction> {
  id: string
  prediction: P
  /** `model/version` */
  modelVersion: string
  revision: number
  /** Features that were missing or stale; absent if there are none. */
  degraded?: string[]
}

/** An item of a batch that was refused; the others are not touched by it. */
export interface RefusedPrediction {
  id?: string
  error: { error_code: string; message: string; details: Record<string, unknown> }
}

export interface Feedback {
  id: string
  label: boolean | number
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
  endpoint: string
  revision: number
  model: string
  version: number
  /** Digest of the model's manifest. */
  manifest: string
  reason: string
  createdAt: number
}

export interface EndpointStatus {
  name: string
  model: string
  service: string
  /** Loaded and warm. */
  ready: boolean
  /** Revision that answers what no candidate answers; null before the first deployment. */
  stable: number | null
  modelVersion: string | null
  traffic: { revision: number; modelVersion: string; variant: 'stable' | 'candidate'; percent: number }[]
  /** The newest rollout, in progress or over. */
  rollout: Rollout | null
}

export interface EndpointDetail extends EndpointStatus {
  revisions: EndpointRevision[]
  /** Newest first. */
  rollouts: Rollout[]
}

/** Counts of what is in the logs of an endpoint. */
export interface EndpointLog {
  /** Answered predictions, each id once. */
  predictions: number
  /** Rows on which a model failed. */
  failures: number
  /** Answers to ids that were answered before. */
  repeats: number
  /** Lines that cannot be read: torn by the end of a process before anything was acknowledged. */
  torn: number
  /** Ids with a label. */
  labels: number
  /** Labels of ids that were never predicted. */
  orphans: number
}

export interface DeployInput {
  model: string
  version: number
  /** Default: all at once for the first version, then the endpoint's canary steps. */
  strategy?: 'all-at-once' | 'canary'
  reason?: string
}

/** What was found about the present step of a rollout. `wait`: too little is known. */
export interface RolloutEvaluation {
  rollout: Rollout | null
  verdict: {
    outcome: RolloutStep['outcome'] | 'wait'
    reason: string
    evidence: Record<string, unknown>
  } | null
}

export function servingCalls({ send }: Transport) {
  const post = <T>(endpoint: string, action: string, call: { body?: unknown; idempotent: boolean }) =>
    send<T>({ method: 'POST', path: `${path`/v1/endpoints/${endpoint}`}/${action}`, ...call })
  return {
    /**
     * Asks for one prediction. Given the endpoint's definition, the inputs are checked by the compiler; what the model
     * predicts is not known to it: say so in `P` where that is no flag.
     * @throws `request.invalid` naming the field, `endpoint.overloaded`, and others of the catalogue.
     */
    predict: <R extends object = Record<string, unknown>, P extends PredictedValue = FlagPrediction>(
      endpoint: EndpointName<R>,
      input: PredictInput<NoInfer<R>>,
    ) =>
      post<Prediction<P>>(nameOf(endpoint), 'predict', { body: input, idempotent: input.id !== undefined }),
    /** Asks for many predictions; an item that is refused has an `error` in its place. */
    predictBatch: <R extends object = Record<string, unknown>, P extends PredictedValue = FlagPrediction>(
      endpoint: EndpointName<R>,
      batch: readonly PredictInput<NoInfer<R>>[],
    ) =>
      post<{ items: (Prediction<P> | RefusedPrediction)[] }>(nameOf(endpoint), 'predict', {
        body: { batch },
        idempotent: batch.every((item) => item.id !== undefined),
      }),
    /**
     * Asks why an endpoint predicts what it predicts. Nothing is logged: the call is safe to repeat. With the id of a
     * prediction the revision answers that answers this id at the moment, else the stable one.
     * @throws `endpoint.not_explained` for models that nothing explains, and as `predict`
     */
    explain: <R extends object = Record<string, unknown>, P extends PredictedValue = FlagPrediction>(
      endpoint: EndpointName<R>,
      input: PredictInput<NoInfer<R>>,
      options: ExplainOptions = {},
    ) =>
      post<ExplainedPrediction<P>>(nameOf(endpoint), 'explain', {
        body: { ...input, ...options },
        idempotent: true,
      }),
    /** Tells what really happened; a later label of the same prediction wins. */
    feedback: <R extends object>(endpoint: EndpointName<R>, items: readonly Feedback[]) =>
      post<{ accepted: number }>(nameOf(endpoint), 'feedback', { body: { items }, idempotent: true }),
    endpoints: {
      list: () => send<{ items: EndpointStatus[] }>({ method: 'GET', path: '/v1/endpoints' }),
      get: (endpoint: string) =>
        send<EndpointDetail>({ method: 'GET', path: path`/v1/endpoints/${endpoint}` }),
      log: (endpoint: string) =>
        send<EndpointLog>({ method: 'GET', path: path`/v1/endpoints/${endpoint}/log` }),
      /**
       * Compares the features of logged predictions with those that training would have had at the time of each.
       * Event times in milliseconds, `from <= t < until`.
       */
      checkConsistency: (endpoint: string, body: ConsistencyInput) =>
        post<ConsistencyCheck>(endpoint, 'consistency', { body, idempotent: false }),
      /** Newest first. */
      consistencyChecks: (endpoint: string, page?: PageInput) =>
        send<Page<ConsistencyCheck>>({
          method: 'GET',
          path: path`/v1/endpoints/${endpoint}/consistency`,
          query: { ...page },
        }),
      deploy: (endpoint: string, body: DeployInput) =>
        post<EndpointRevision>(endpoint, 'deploy', { body, idempotent: false }),
      /** Judges the present step of the rollout now; calling it at any time is right. */
      evaluateRollout: (endpoint: string) =>
        post<RolloutEvaluation>(endpoint, 'rollout/evaluate', { idempotent: true }),
      /** Gives all of the traffic to the candidate. */
      promote: (endpoint: string, reason: string) =>
        post<Rollout>(endpoint, 'rollout/promote', { body: { reason }, idempotent: false }),
      /** Takes the candidate out of the traffic. */
      abort: (endpoint: string, reason: string) =>
        post<Rollout>(endpoint, 'rollout/abort', { body: { reason }, idempotent: false }),
    },
  }
}

function nameOf(endpoint: string | { readonly name: string }): string {
  return typeof endpoint === 'string' ? endpoint : endpoint.name
}
