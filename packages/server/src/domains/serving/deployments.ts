import { type EndpointDefinition, fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { createEvents, type Events } from '../../kernel/events.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { DefinitionService } from '../definitions/index.ts'
import { manifestOf, type RegistryService, readManifest } from '../registry/index.ts'
import { type EndpointState, formatModelVersion, type ModelVersionRef, type Revision } from './endpoint.ts'
import { type LoadedVariant, loadVariant, requireServedTogether } from './loaded-variant.ts'
import { carryOut, noteAudit, noteChampion, noteRolloutEnd, type ServingEvents } from './outbox.ts'
import type { OpenFeatures } from './pinned-features.ts'
import { endStep, type Rollout, type RolloutStep, startRollout } from './rollout.ts'
import {
  addEndpoint,
  addRevision,
  countRevisions,
  type Db,
  findRevision,
  findState,
  type ServingTables,
  saveState,
} from './store.ts'

export interface DeployInput {
  endpoint: string
  modelVersion: ModelVersionRef
  /** The first deployment of an endpoint is always all at once. Default: canary. */
  strategy?: 'all-at-once' | 'canary'
  reason: string
  /** The same key gives the same revision again. */
  requestKey?: string
}

export interface DeploymentDeps {
  db: Database
  content: ContentStore
  definitions: Pick<DefinitionService, 'get' | 'version'>
  openFeatures: OpenFeatures
  registry: Pick<RegistryService, 'getVersion' | 'setAlias'>
  stream: EventStream
  clock: Clock
}

/** The control side of endpoints: works on the database alone, in whatever process. */
export interface Deployments {
  deploy(input: DeployInput): Promise<Revision>
  /** @throws `endpoint.not_deployed` */
  getState(endpoint: string): Promise<EndpointState>
  /** Ends the present step of a rollout, unless it has moved on since `seen` was read. Returns the newest rollout. */
  endRollout(
    endpoint: string,
    seen: Rollout,
    end: Pick<RolloutStep, 'outcome' | 'reason' | 'evidence'>,
  ): Promise<Rollout>
  /**
   * Carries out what other processes, or an earlier one, left to be done, and tells the listeners in this process
   * about rollouts that ended.
   */
  settle(): Promise<void>
  readonly events: Events<ServingEvents>
}

export function createDeployments(deps: DeploymentDeps): Deployments {
  const tables = () => deps.db.tables<ServingTables>()
  const events = createEvents<ServingEvents>()

  async function check(
    definition: EndpointDefinition,
    { modelVersion: ref, strategy = 'canary' }: DeployInput,
  ): Promise<string> {
    const { name: endpoint, model } = definition
    if (ref.model !== model) {
      throw fail('endpoint.wrong_model', { endpoint, expected: model, model: ref.model })
    }
    const version = await deps.registry.getVersion(ref)
    if (version.status === 'REJECTED') {
      throw fail('endpoint.version_rejected', { ...ref, reason: version.reason })
    }
    const manifest = manifestOf(version)
    // What cannot be loaded is refused before anything changes.
    const trial = await loadVariant(deps, { endpoint, revision: 0, ...ref, manifest })
    try {
      if (strategy === 'canary') await checkTogether(endpoint, trial)
    } finally {
      await trial.retire()
    }
    return manifest
  }

  /** What cannot take the same requests as the stable revision cannot share its traffic. */
  async function checkTogether(endpoint: string, trial: LoadedVariant): Promise<void> {
    const state = await findState(tables(), endpoint)
    const revision = state && (await findRevision(tables(), endpoint, { revision: state.stable }))
    const stable = revision && (await deps.openFeatures(await readManifest(deps.content, revision.manifest)))
    if (!revision || !stable) return
    stable.release()
    requireServedTogether(
      trial,
      { modelVersion: formatModelVersion(revision), lookup: stable.lookup },
      endpoint,
    )
  }

  async function deploy(input: DeployInput): Promise<Revision> {
    const { endpoint, modelVersion, reason, requestKey = null, strategy = 'canary' } = input
    const definition = await deps.definitions.get('endpoint', endpoint)
    const byKey = (db: Db) => (requestKey === null ? undefined : findRevision(db, endpoint, { requestKey }))
    const known = await byKey(tables())
    if (known) return known
    const manifest = await check(definition, input)
    const serviceHash = await deps.definitions.version('feature-service', definition.service)
    const revision = await deps.db.transaction<ServingTables, Revision>(async (trx) => {
      const concurrent = await byKey(trx)
      if (concurrent) return concurrent
      const at = deps.clock.now()
      const number = (await countRevisions(trx, endpoint)) + 1
      const made: Revision = {
        endpoint,
        revision: number,
        model: modelVersion.model,
        version: modelVersion.version,
        manifest,
        serviceHash,
        reason,
        requestKey,
        createdAt: at,
      }
      await addRevision(trx, made)
      const state = await findState(trx, endpoint)
      const canary = state !== undefined && strategy === 'canary'
      await noteAudit(trx, {
        type: 'endpoint.deployed',
        at,
        data: { endpoint, revision: number, modelVersion: formatModelVersion(made), canary, reason },
      })
      if (!state) await addEndpoint(trx, { endpoint, salt: endpoint, stable: number })
      else await replace(trx, state, { revision: number, canary, policy: definition.canary, at })
      if (!canary) await noteChampion(trx, made, reason)
      return made
    })
    await carryOut(deps)
    return revision
  }

  /** A deployment during a rollout takes its place: it starts anew against the same stable revision. */
  async function replace(
    trx: Db,
    state: EndpointState,
    by: { revision: number; canary: boolean; policy: Rollout['policy']; at: number },
  ): Promise<void> {
    const { endpoint, stable } = state
    const { revision, canary, policy, at } = by
    if (state.rollout?.state === 'Progressing') {
      const reason = `revision ${revision} was deployed`
      const rollout = endStep(state.rollout, { outcome: 'aborted', reason, evidence: null, at })
      await saveState(trx, { endpoint, stable, rollout })
      await noteRollout(trx, endpoint, rollout)
    }
    const rollout = canary ? startRollout({ candidate: revision, stable, policy, at }) : null
    await saveState(trx, { endpoint, stable: canary ? stable : revision, rollout })
  }

  async function getState(endpoint: string): Promise<EndpointState> {
    await deps.definitions.get('endpoint', endpoint)
    const state = await findState(tables(), endpoint)
    if (!state) throw fail('endpoint.not_deployed', { endpoint })
    return state
  }

  async function endRollout(
    endpoint: string,
    seen: Rollout,
    end: Pick<RolloutStep, 'outcome' | 'reason' | 'evidence'>,
  ): Promise<Rollout> {
    const result = await deps.db.transaction<ServingTables, Rollout>(async (trx) => {
      const state = await findState(trx, endpoint)
      const current = state?.rollout
      if (!state || !current) throw fail('endpoint.no_rollout', { endpoint })
      const moved = current.candidate !== seen.candidate || current.step !== seen.step
      if (moved || current.state !== 'Progressing') return current
      const rollout = endStep(current, { ...end, at: deps.clock.now() })
      const promoted = rollout.state === 'Promoted'
      await saveState(trx, { endpoint, stable: promoted ? rollout.candidate : state.stable, rollout })
      await noteRollout(trx, endpoint, rollout)
      const revision = await findRevision(trx, endpoint, { revision: rollout.candidate })
      if (promoted && revision) await noteChampion(trx, revision, end.reason)
      return rollout
    })
    await carryOut(deps)
    return result
  }

  return { deploy, getState, endRollout, settle: () => carryOut(deps, events), events }
}

async function noteRollout(trx: Db, endpoint: string, rollout: Rollout): Promise<void> {
  const { candidate, stable, state, percent } = rollout
  const ended = rollout.history.at(-1)
  if (!ended) return
  await noteAudit(trx, {
    type: `rollout.${ended.outcome}`,
    at: ended.endedAt,
    data: { endpoint, candidate, stable, state, percent, ended },
  })
  if (state === 'Progressing') return
  const revision = await findRevision(trx, endpoint, { revision: candidate })
  if (revision) await noteRolloutEnd(trx, { endpoint, revision, rollout })
}
