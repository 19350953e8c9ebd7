import { fail, type Schema } from '@millrace/protocol'
import type { Events } from '../../kernel/events.ts'
import type { Logger } from '../../kernel/logger.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { Lake } from '../../ports/lake.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { ConsistencyInput, FeatureService } from '../features/index.ts'
import { type ConsistencyCheck, checkConsistency } from './consistency.ts'
import { listChecks } from './consistency-store.ts'
import { createDeployments, type DeployInput, type DeploymentDeps } from './deployments.ts'
import { type EndpointState, formatModelVersion, type Revision } from './endpoint.ts'
import type { ExplainedAnswer } from './explanations.ts'
import { judgeStep, type Verdict } from './judge-step.ts'
import type { LiveDeps } from './live-endpoint.ts'
import { createLiveEndpoints, type LiveEndpoints } from './live-endpoints.ts'
import { readEvidence } from './log/evidence.ts'
import type { FeedbackItem } from './log/feedback-log.ts'
import { createLogRelations, type LogRelations, type RowFilter } from './log/relations.ts'
import { type LogSummary, readSummary } from './log/summary.ts'
import { findFirstEventTime, type PredictionWindow, readWindow } from './log/window.ts'
import { createLogSchemas } from './log-schemas.ts'
import type { ServingEvents } from './outbox.ts'
import { createPinnedFeatures } from './pinned-features.ts'
import type { Answer } from './predictor.ts'
import type { Rollout } from './rollout.ts'
import { findState, listRevisions, listRollouts, type ServingTables } from './store.ts'

export interface ServingDeps extends Omit<DeploymentDeps & LiveDeps, 'openFeatures'> {
  features: Pick<FeatureService, 'createOnlineReader' | 'compareReads'>
  lake: Lake
  definitions: Pick<DefinitionService, 'get' | 'find' | 'version' | 'list' | 'events'>
  logger: Pick<Logger, 'warn'>
}

interface EndpointSummary {
  name: string
  model: string
  service: string
  /** Loaded and warm in this process. */
  ready: boolean
  /** Revision that answers what no candidate answers; null before the first deployment. */
  stable: number | null
  modelVersion: string | null
  /** Who gets how much; empty before the first deployment. */
  traffic: { revision: number; modelVersion: string; variant: 'stable' | 'candidate'; percent: number }[]
  /** The newest rollout, in progress or over. */
  rollout: Rollout | null
}

interface EndpointDetail extends EndpointSummary {
  revisions: Revision[]
  /** Newest first. */
  rollouts: Rollout[]
}

interface RolloutEvaluation {
  rollout: Rollout | null
  /** Null if nothing was in progress. */
  verdict: Verdict | null
}

export interface ServingService extends Pick<LiveEndpoints, 'refresh' | 'isReady' | 'start' | 'close'> {
  readonly events: Events<ServingEvents>
  /**
   * Makes a new revision out of a registered model version: all at once if it is the endpoint's first, else by its
   * canary steps. The model is loaded once before anything changes.
   * @throws `endpoint.version_rejected`, `endpoint.wrong_model`, `model.incompatible`, `definition.not_found`
   */
  deploy(input: DeployInput): Promise<Revision>
  listEndpoints(): Promise<EndpointSummary[]>
  getEndpoint(endpoint: string): Promise<EndpointDetail>
  /**
   * Judges the present step of the rollout by what is in the logs, and goes on, back, or stays. Calling it at any
   * time, in any process, as often as one likes, is right.
   */
  evaluateRollout(endpoint: string): Promise<RolloutEvaluation>
  /** All of the traffic to the candidate, by hand. @throws `endpoint.no_rollout` */
  promoteRollout(endpoint: string, reason: string): Promise<Rollout>
  /** None of the traffic to the candidate, by hand. @throws `endpoint.no_rollout` */
  abortRollout(endpoint: string, reason: string): Promise<Rollout>
  /** @throws `request.invalid`, `endpoint.overloaded`, `endpoint.not_ready`, `endpoint.prediction_failed` */
  predict(endpoint: string, body: unknown): Promise<Answer>
  /** One outcome per item, in order; only an endpoint that is unknown, or full, fails the whole. */
  predictMany(endpoint: string, bodies: readonly unknown[]): Promise<PromiseSettledResult<Answer>[]>
  /**
   * Why the endpoint predicts what it predicts for a request, with at most `top` contributions; nothing is logged.
   * @throws `endpoint.not_explained`, and as `predict`
   */
  explain(endpoint: string, body: unknown, top: number): Promise<ExplainedAnswer>
  /** One outcome per item, in order; only an endpoint that is unknown, or full, fails the whole. */
  explainMany(
    endpoint: string,
    bodies: readonly unknown[],
    top: number,
  ): Promise<PromiseSettledResult<ExplainedAnswer>[]>
  /** Keeps all labels or, if one is not valid, none. @throws `request.invalid` */
  acceptFeedback(endpoint: string, items: readonly FeedbackItem[]): Promise<void>
  /** SQL over the endpoint's answered predictions, each id once. */
  predictionRelation(endpoint: string, filter?: RowFilter): Promise<string>
  /** SQL over the newest label of each id. */
  feedbackRelation(endpoint: string): Promise<string>
  /** SQL over predictions with their label as `truth`. */
  joined(endpoint: string, filter: RowFilter): Promise<string>
  readWindow(endpoint: string, range: { from: number; until: number }): Promise<PredictionWindow>
  findFirstEventTime(endpoint: string): Promise<number | undefined>
  summarizeLog(endpoint: string): Promise<LogSummary>
  /**
   * Compares the features of logged predictions with those that training would have had. The check is kept.
   * @throws `definition.not_found`, `request.invalid`
   */
  checkConsistency(endpoint: string, input: ConsistencyInput): Promise<ConsistencyCheck>
  /** Newest first. @throws `definition.not_found` */
  listConsistencyChecks(endpoint: string, page?: PageInput): Promise<Page<ConsistencyCheck>>
}

const listedRollouts = 100

export function createServingService(given: ServingDeps): ServingService {
  const deps = { ...given, openFeatures: createPinnedFeatures(given.features) }
  const tables = () => deps.db.tables<ServingTables>()
  const deployments = createDeployments(deps)
  const live = createLiveEndpoints(deps, { ...deployments, evaluateRollout })

  const featuresOf = createLogSchemas(deps)

  async function relationsOf(endpoint: string): Promise<{ relations: LogRelations; features: Schema }> {
    const features = await featuresOf(await deps.definitions.get('endpoint', endpoint))
    return { relations: createLogRelations(deps.logDir, endpoint, features), features }
  }

  async function evaluateRollout(endpoint: string): Promise<RolloutEvaluation> {
    const { rollout } = await deployments.getState(endpoint)
    if (rollout?.state !== 'Progressing') return { rollout, verdict: null }
    const relations = createLogRelations(deps.logDir, endpoint, {})
    const verdict = judgeStep(rollout, await readEvidence(deps.lake, relations, rollout))
    if (verdict.outcome === 'wait') return { rollout, verdict }
    const { outcome, reason, evidence } = verdict
    const after = await deployments.endRollout(endpoint, rollout, { outcome, reason, evidence })
    await live.refresh()
    return { rollout: after, verdict }
  }

  async function endByHand(endpoint: string, outcome: 'promoted' | 'aborted', reason: string) {
    const { rollout } = await deployments.getState(endpoint)
    if (rollout?.state !== 'Progressing') throw fail('endpoint.no_rollout', { endpoint })
    const after = await deployments.endRollout(endpoint, rollout, { outcome, reason, evidence: null })
    await live.refresh()
    return after
  }

  async function summarize(name: string): Promise<EndpointSummary> {
    const { model, service } = await deps.definitions.get('endpoint', name)
    const state = await findState(tables(), name)
    const traffic = state ? trafficOf(state, await listRevisions(tables(), name)) : []
    return {
      name,
      model,
      service,
      ready: live.find(name)?.ready ?? false,
      stable: state?.stable ?? null,
      modelVersion: traffic.find(({ variant }) => variant === 'stable')?.modelVersion ?? null,
      traffic,
      rollout: state?.rollout ?? null,
    }
  }

  return {
    evaluateRollout,
    refresh: live.refresh,
    isReady: live.isReady,
    start: live.start,
    close: live.close,
    events: deployments.events,
    promoteRollout: (endpoint, reason) => endByHand(endpoint, 'promoted', reason),
    abortRollout: (endpoint, reason) => endByHand(endpoint, 'aborted', reason),
    async deploy(input) {
      const revision = await deployments.deploy(input)
      await live.refresh()
      return revision
    },
    async listEndpoints() {
      const definitions = await deps.definitions.list('endpoint')
      return Promise.all(definitions.map(({ name }) => summarize(name)))
    },
    async getEndpoint(name) {
      return {
        ...(await summarize(name)),
        revisions: await listRevisions(tables(), name),
        rollouts: await listRollouts(tables(), name, listedRollouts),
      }
    },
    async predict(name, body) {
      const endpoint = live.find(name) ?? (await live.require(name))
      return endpoint.predict(endpoint.parse(body))
    },
    async predictMany(name, bodies) {
      const endpoint = live.find(name) ?? (await live.require(name))
      endpoint.requireRoom(bodies.length)
      return Promise.allSettled(bodies.map(async (body) => endpoint.predict(endpoint.parse(body))))
    },
    async explain(name, body, top) {
      const endpoint = live.find(name) ?? (await live.require(name))
      return endpoint.explain(body, top)
    },
    async explainMany(name, bodies, top) {
      const endpoint = live.find(name) ?? (await live.require(name))
      endpoint.requireRoomToExplain(bodies.length)
      return Promise.allSettled(bodies.map((body) => endpoint.explain(body, top)))
    },
    async acceptFeedback(name, items) {
      const endpoint = live.find(name) ?? (await live.require(name))
      endpoint.acceptFeedback(items)
    },
    predictionRelation: async (name, filter) => (await relationsOf(name)).relations.predictions(filter),
    feedbackRelation: async (name) => (await relationsOf(name)).relations.feedback(),
    joined: async (name, filter) => (await relationsOf(name)).relations.joined(filter),
    async readWindow(name, range) {
      const { relations, features } = await relationsOf(name)
      return readWindow(deps.lake, relations, { ...range, features })
    },
    findFirstEventTime: async (name) => findFirstEventTime(deps.lake, (await relationsOf(name)).relations),
    summarizeLog: async (name) => readSummary(deps.lake, (await relationsOf(name)).relations),
    checkConsistency: async (name, input) =>
      checkConsistency(deps, await deps.definitions.get('endpoint', name), input),
    async listConsistencyChecks(name, page) {
      await deps.definitions.get('endpoint', name)
      return readPage(page, (range) => listChecks(deps.db, name, range))
    },
  }
}

/** The split that the rollout asks for; a process sends nothing to a candidate that it has not loaded yet. */
function trafficOf(
  { stable, rollout }: EndpointState,
  revisions: readonly Revision[],
): EndpointSummary['traffic'] {
  const share = (revision: number, variant: 'stable' | 'candidate', percent: number) => {
    const found = revisions.find((candidate) => candidate.revision === revision)
    return { revision, modelVersion: found ? formatModelVersion(found) : '', variant, percent }
  }
  if (rollout?.state !== 'Progressing') return [share(stable, 'stable', 100)]
  return [
    share(stable, 'stable', 100 - rollout.percent),
    share(rollout.candidate, 'candidate', rollout.percent),
  ]
}
