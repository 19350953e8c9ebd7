import { fail } from '@millrace/protocol'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { CheckGuard } from './checks.ts'
import { assertUsable, requireModel, requireVersion } from './lookup.ts'
import { changeModel } from './model-store.ts'
import { type ModelVersion, type Stage, stages } from './model-version.ts'
import type { StageMove, TransitionInput } from './pointer.ts'
import type { RegistryContext } from './registry-context.ts'
import {
  addStageMove,
  lastStageMoveOf,
  listStageMoves,
  listVersionsInStage,
  versionsInStage,
} from './stage-store.ts'
import type { Db, RegistryTables } from './tables.ts'
import { changeVersion } from './version-store.ts'

/** Stages: every version is in one of None, Staging, Production and Archived. */
export interface StageService {
  /**
   * Moves a version to a stage and, if wished, the others of that stage to Archived, all at once. If the model demands
   * checks for the stage, the version is checked first.
   * @throws `model.entry_invalid` for an unknown stage and for `archiveExisting` with None or Archived;
   * `model.not_found`, `model.version_not_found`; for Staging and Production `model.version_rejected` and
   * `model.version_unusable` unless it is READY; `model.checks_failed`; `model.pointer_moved` unless it is in the stage
   * that `expected` says
   */
  transitionStage(input: TransitionInput): Promise<ModelVersion>
  /** Every move between stages in a model, newest first. @throws `model.not_found` */
  listStageHistory(model: string, page?: PageInput): Promise<Page<StageMove>>
  /** Versions that were in a stage at a time in milliseconds, lowest first. @throws `model.not_found` */
  listStageAt(of: { model: string; stage: Stage; at: number }): Promise<number[]>
}

/**
 * The stage of that name, in any case.
 * @throws `model.entry_invalid`
 */
export function readStage(model: string, text: string): Stage {
  const found = stages.find((stage) => stage.toLowerCase() === text.toLowerCase())
  if (found) return found
  const reason = `it must be one of ${stages.join(', ')}`
  throw fail('model.entry_invalid', { model, what: `the stage "${text.slice(0, 100)}"`, reason })
}

export function createStageService(context: RegistryContext, checks: CheckGuard): StageService {
  const { db, clock, audit } = context
  const tables = () => db.tables<RegistryTables>()

  async function moveAll(trx: Db, moves: readonly StageMove[]): Promise<void> {
    for (const move of moves) {
      const { model, version, from, to, at } = move
      if (from !== to) await addStageMove(trx, move)
      await changeVersion(trx, { model, version }, { stage: to, updated_at: at })
    }
    if (moves.length > 0) await changeModel(trx, moves[0].model, { updated_at: moves[0].at })
  }

  return {
    async transitionStage({ model, version, stage, archiveExisting = false, by, reason, expected }) {
      const to = readStage(model, stage)
      const live = to === 'Staging' || to === 'Production'
      if (archiveExisting && !live) {
        const what = `archiving the others of stage ${to}`
        throw fail('model.entry_invalid', { model, what, reason: 'that is for Staging and Production only' })
      }
      const refuseUnusable = async (from: Db) => {
        const found = await requireVersion(from, { model, version })
        if (live) assertUsable(found)
        return found
      }
      await refuseUnusable(tables())
      const demanded = await checks.demand({ model, version, pointer: to })
      const { moved, moves } = await db.transaction(async (trx: Db) => {
        const { stage: from } = await refuseUnusable(trx)
        await demanded.assertUnchanged(trx)
        if (expected !== undefined && from !== expected && from !== to) {
          const last = await lastStageMoveOf(trx, { model, version })
          throw fail('model.pointer_moved', {
            pointer: `The stage of version ${version}`,
            model,
            current: from,
            expected,
            by: last?.by ?? 'nobody',
            reason: last?.reason ?? 'it never moved',
            at: last?.at ?? null,
          })
        }
        const others = archiveExisting ? await versionsInStage(trx, model, to) : []
        const at = clock.now()
        const made: StageMove[] = [
          { model, version, from, to, at, by, reason },
          ...others
            .filter((other) => other !== version)
            .map((other) => ({ model, version: other, from: to, to: 'Archived' as const, at, by, reason })),
        ]
        await moveAll(trx, made)
        return { moved: await requireVersion(trx, { model, version }), moves: made }
      })
      for (const move of moves) if (move.from !== move.to) await audit('model.stage_moved', { ...move })
      return moved
    },
    async listStageHistory(model, page) {
      await requireModel(tables(), model)
      return readPage(page, (range) => listStageMoves(tables(), model, range))
    },
    async listStageAt(of) {
      await requireModel(tables(), of.model)
      return listVersionsInStage(tables(), of)
    },
  }
}
