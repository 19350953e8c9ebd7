import { performance } from 'node:perf_hooks'
import { type EndpointDefinition, fail, isPlatformError } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { FeatureService } from '../features/index.ts'
import { createBatcher } from './batcher.ts'
import type { EndpointState, Revision } from './endpoint.ts'
import { answerExplanation, type ExplainedAnswer, type ExplanationRequest } from './explanations.ts'
import { type LoadedVariant, loadVariant, requireServedTogether } from './loaded-variant.ts'
import { createFeedbackLog, type FeedbackItem } from './log/feedback-log.ts'
import { createPredictionLog } from './log/prediction-log.ts'
import type { ServingMetrics } from './metrics.ts'
import type { OpenFeatures } from './pinned-features.ts'
import { type Answer, answerBatch, type QueuedRequest, type Routing } from './predictor.ts'
import { createRequestParser, type PredictRequest } from './request.ts'
import { joinNeeds } from './request-needs.ts'

export interface LiveDeps {
  content: ContentStore
  definitions: Pick<DefinitionService, 'get'>
  features: Pick<FeatureService, 'createOnlineReader'>
  openFeatures: OpenFeatures
  metrics: ServingMetrics
  clock: Clock
  logger: Pick<Logger, 'warn'>
  logDir: string
  maxLogBytes?: number
  /** Rows that may wait before requests are refused; 4,096 by default. */
  maxQueued?: number
}

/** One endpoint in this process: its loaded models, its queue and its logs. */
export interface LiveEndpoint {
  readonly ready: boolean
  /**
   * Brings the loaded models to the state: loads what is missing, then switches in one go; running requests end on
   * the models they began with. If the stable revision cannot be loaded, everything stays as it was.
   * @returns why the candidate cannot be loaded, if it cannot
   * @throws why the stable revision cannot be loaded
   */
  sync(state: EndpointState, revisionOf: (revision: number) => Promise<Revision>): Promise<unknown>
  /** @throws `request.invalid` */
  parse(body: unknown): PredictRequest
  /** @throws `endpoint.overloaded`, `endpoint.not_ready` and what can go wrong with one row */
  predict(request: PredictRequest): Promise<Answer>
  /**
   * Why it predicts what it predicts; nothing is logged.
   * @throws `endpoint.not_explained`, and as `parse` and `predict`
   */
  explain(body: unknown, top: number): Promise<ExplainedAnswer>
  /** Throws `endpoint.overloaded` unless so many rows can wait now. */
  requireRoom(rows: number): void
  /** Throws `endpoint.overloaded` unless so many rows can wait for an explanation now. */
  requireRoomToExplain(rows: number): void
  acceptFeedback(items: readonly FeedbackItem[]): void
  /** Ends when the running requests have ended. */
  close(): Promise<void>
}

const maxBatch = 256
/** Explanations take much longer than predictions: fewer of them wait. */
const maxQueuedExplanations = 256

export async function openLiveEndpoint(
  deps: LiveDeps,
  definition: EndpointDefinition,
): Promise<LiveEndpoint> {
  const { name: endpoint } = definition
  const { clock, logDir, maxLogBytes: maxBytes, maxQueued = 4096, metrics } = deps
  const service = await deps.definitions.get('feature-service', definition.service)
  const { request } = await deps.features.createOnlineReader(service.name)
  const now = clock.now
  const log = createPredictionLog({ logDir, endpoint, now, maxBytes })
  const feedbackLog = createFeedbackLog({ logDir, endpoint, now, maxBytes })
  const predictor = { endpoint, log, metrics, now }
  const parserFor = (variants: readonly LoadedVariant[]) =>
    createRequestParser({
      ...joinNeeds(
        { request, service },
        variants.map(({ lookup }) => lookup),
      ),
      timestamp: service.timestamp,
      newId: () => newId('p', clock.now()),
    })
  let parse = parserFor([])
  const loaded = new Map<number, LoadedVariant>()
  const retiring = new Set<Promise<void>>()
  let routing: Routing | null = null

  const overloaded = (queued: number) => {
    metrics.countRows(endpoint, null, 'overloaded')
    return fail('endpoint.overloaded', { endpoint, queued, limit: maxQueued })
  }
  function requireRouting(): Routing {
    if (!routing) throw fail('endpoint.not_ready', { endpoint, reason: 'its model is being loaded.' })
    return routing
  }
  const batcher = createBatcher<QueuedRequest, Answer>({
    maxRows: maxBatch,
    maxQueued,
    overloaded,
    async run(requests) {
      const by = requireRouting()
      const releases = [by.stable.hold(), by.candidate?.hold()]
      try {
        return await answerBatch(predictor, by, requests)
      } finally {
        for (const release of releases) release?.()
      }
    },
  })

  const tooManyToExplain = (queued: number) => {
    metrics.countExplanations(endpoint, 'overloaded')
    return fail('endpoint.overloaded', { endpoint, queued, limit: maxQueuedExplanations })
  }
  const explanations = createBatcher<ExplanationRequest, ExplainedAnswer>({
    maxRows: 1,
    maxQueued: maxQueuedExplanations,
    overloaded: tooManyToExplain,
    async run([request]) {
      // Predictions go first: an explanation may take milliseconds.
      await new Promise<void>((resolve) => setImmediate(resolve))
      const by = requireRouting()
      const releases = [by.stable.hold(), by.candidate?.hold()]
      try {
        return [await answerExplanation({ endpoint, metrics }, by, request)]
      } finally {
        for (const release of releases) release?.()
      }
    },
  })

  function retireUnused(): void {
    for (const [revision, variant] of loaded) {
      if (variant === routing?.stable || variant === routing?.candidate) continue
      loaded.delete(revision)
      const ending = variant
        .retire()
        .catch((error: unknown) => deps.logger.warn({ err: error, endpoint, revision }, 'unloading failed'))
        .finally(() => retiring.delete(ending))
      retiring.add(ending)
    }
  }

  return {
    get ready() {
      return routing !== null
    },
    async sync(state, revisionOf) {
      const ensure = async (number: number) => {
        const known = loaded.get(number)
        if (known) return known
        const variant = await loadVariant(deps, await revisionOf(number))
        loaded.set(number, variant)
        return variant
      }
      const stable = await ensure(state.stable)
      const rollout = state.rollout?.state === 'Progressing' ? state.rollout : null
      let candidate: LoadedVariant | null = null
      let trouble: unknown
      if (rollout) {
        try {
          const asked = await ensure(rollout.candidate)
          requireServedTogether(asked, stable, endpoint)
          candidate = asked
        } catch (error) {
          trouble = error
        }
      }
      routing = { salt: state.salt, stable, candidate, percent: candidate ? (rollout?.percent ?? 0) : 0 }
      parse = parserFor(candidate ? [stable, candidate] : [stable])
      retireUnused()
      return trouble
    },
    parse(body) {
      try {
        return parse(body)
      } catch (error) {
        if (isPlatformError(error)) metrics.countRows(endpoint, null, 'invalid')
        throw error
      }
    },
    predict: (request) => batcher.add({ ...request, queuedAt: performance.now() }),
    async explain(body, top) {
      const request = parse(body)
      const { id } = body as { id?: unknown }
      return explanations.add({ ...request, named: id !== undefined, top })
    },
    requireRoom(rows) {
      if (batcher.queued + rows > maxQueued) throw overloaded(batcher.queued)
    },
    requireRoomToExplain(rows) {
      if (explanations.queued + rows > maxQueuedExplanations) throw tooManyToExplain(explanations.queued)
    },
    acceptFeedback(items) {
      metrics.countLogBytes(endpoint, 'feedback', feedbackLog.append(items))
    },
    async close() {
      await Promise.all([batcher.idle(), explanations.idle()])
      routing = null
      retireUnused()
      await Promise.all(retiring)
      log.close()
      feedbackLog.close()
    },
  }
}
