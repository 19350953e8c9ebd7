import { isPlatformError } from '@millrace/protocol'
import type { Events } from '../../kernel/events.ts'
import { newId } from '../../kernel/ids.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { RegistryService } from '../registry/index.ts'
import type { Revision } from './endpoint.ts'
import type { Rollout } from './rollout.ts'
import type { Db, ServingTables } from './store.ts'

/** What else must happen because of a change that is committed. */
type Effect =
  | { kind: 'audit'; type: string; at: number; data: Record<string, unknown> }
  | { kind: 'ended'; end: RolloutEnd }
  | { kind: 'champion'; model: string; version: number; reason: string }

export interface ServingEvents {
  /** A rollout is over: promoted, rolled back or aborted. Told at least once, by a process that serves. */
  rolloutEnded: RolloutEnd
}

interface RolloutEnd {
  endpoint: string
  /** The candidate. */
  revision: Revision
  rollout: Rollout
}

/** Notes, inside the transaction of a change, that it belongs in the audit trail. */
export async function noteAudit(
  trx: Db,
  event: { type: string; at: number; data: Record<string, unknown> },
): Promise<void> {
  await add(trx, { kind: 'audit', ...event })
}

/** Notes, inside the transaction of a change, that the registry's alias `champion` moves to this revision's model. */
export async function noteChampion(trx: Db, revision: Revision, reason: string): Promise<void> {
  await add(trx, { kind: 'champion', model: revision.model, version: revision.version, reason })
}

/** Notes, inside the transaction of a change, that a rollout is over. */
export async function noteRolloutEnd(trx: Db, end: RolloutEnd): Promise<void> {
  await add(trx, { kind: 'ended', end })
}

async function add(trx: Db, effect: Effect): Promise<void> {
  const newest = await trx
    .selectFrom('serving_outbox')
    .select((e) => e.fn.max('id').as('id'))
    .executeTakeFirst()
  // Effects must stay in order, also those of one millisecond.
  const next = Number(newest?.id?.split('-')[0] ?? 0) + 1
  const id = `${String(next).padStart(16, '0')}-${newId('effect')}`
  await trx
    .insertInto('serving_outbox')
    .values({ id, body: JSON.stringify(effect) })
    .execute()
}

/**
 * Carries out the noted effects in order and forgets them. An effect that fails stays, with those after it, for the
 * next call. After a crash in between an effect may be carried out twice: moving an alias again changes nothing, an
 * audit event carries the effect's id as `effect`. Without `events` the listeners' part is left to a process that
 * has listeners.
 */
export async function carryOut(
  deps: { db: Database; stream: EventStream; registry: Pick<RegistryService, 'setAlias'> },
  events?: Events<ServingEvents>,
): Promise<void> {
  const db = deps.db.tables<ServingTables>()
  const rows = await db.selectFrom('serving_outbox').selectAll().orderBy('id').execute()
  for (const { id, body } of rows) {
    const effect = JSON.parse(body) as Effect
    if (effect.kind === 'ended') {
      if (!events) continue
      await events.emit('rolloutEnded', effect.end)
    } else if (effect.kind === 'champion') {
      await moveChampion(deps.registry, effect)
    } else {
      const { type, at, data } = effect
      await deps.stream.append('audit', [{ type, at, data: { ...data, effect: id } }])
    }
    await db.deleteFrom('serving_outbox').where('id', '=', id).execute()
  }
}

/** The endpoint answers with the version already, so the alias follows without the checks of a decision. */
async function moveChampion(
  registry: Pick<RegistryService, 'setAlias'>,
  { model, version, reason }: Extract<Effect, { kind: 'champion' }>,
): Promise<void> {
  try {
    await registry.setAlias({ model, alias: 'champion', version, by: 'serving', reason, unchecked: true })
  } catch (error) {
    // Deleted since: there is nothing left to point at, and what comes after must not wait for it for ever.
    const gone = ['model.not_found', 'model.version_not_found']
    if (!isPlatformError(error) || !gone.includes(error.code)) throw error
  }
}
