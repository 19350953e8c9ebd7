import { fail } from '@millrace/protocol'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import { noteWebhookEvent } from '../webhooks/index.ts'
import { addAliasMove, aliasesOf, findLastMove, listAliasMoves, listEarlierVersions } from './alias-store.ts'
import type { CheckGuard } from './checks.ts'
import { assertUsable, requireModel, requireVersion } from './lookup.ts'
import type { VersionRef } from './model-version.ts'
import { checkAlias } from './names.ts'
import type { AliasMove, SetAliasInput } from './pointer.ts'
import type { RegistryContext } from './registry-context.ts'
import type { Db, RegistryTables } from './tables.ts'

type Of = { model: string; alias: string }
type Chosen = Pick<AliasMove, 'version' | 'kind' | 'by' | 'reason'>
type Decision = { by: string; reason: string }

/** Aliases: names that point at a version, with all their moves. */
export interface AliasService {
  /**
   * Points an alias at a version. To set it where it points already changes nothing and leaves no trace. If the model
   * demands checks for the alias, the version is checked first.
   * @throws `model.name_invalid`, `model.not_found`, `model.version_not_found`; `model.version_rejected` and
   * `model.version_unusable` unless it is READY; `model.checks_failed`; `model.pointer_moved` unless it points where
   * `expected` says
   */
  setAlias(input: SetAliasInput): Promise<AliasMove>
  /** An alias that does not exist is no error. @throws `model.not_found`, `model.pointer_moved` */
  deleteAlias(of: Of, decision: Decision & { expected?: number }): Promise<void>
  /**
   * Moves the alias back to where it pointed before; again goes back further. Versions that no longer exist are passed
   * over, checks are not made: it was there before.
   * @throws `model.not_found`, `model.no_previous_version`, `model.pointer_moved` unless it points where `expected` says
   */
  rollbackAlias(of: Of, decision: Decision & { expected?: number }): Promise<AliasMove>
  /** Where an alias pointed at a time in milliseconds; undefined if nowhere. */
  findAliasAt(of: Of & { at: number }): Promise<(AliasMove & { version: number }) | undefined>
  /** Every move of an alias, newest first. @throws `model.not_found` */
  listAliasHistory(of: Of, page?: PageInput): Promise<Page<AliasMove>>
}

export function createAliasService(context: RegistryContext, checks: CheckGuard): AliasService {
  const { db, clock, audit } = context
  const tables = () => db.tables<RegistryTables>()

  /** Moves the alias in one transaction to what `choose` decides on the ground of the last move. */
  async function move(
    of: Of & { target?: number | null; expected?: number | null },
    choose: (trx: Db, current: number | null) => Promise<Chosen>,
  ): Promise<{ move: AliasMove; previous: number | null; moved: boolean }> {
    const { model, alias } = of
    const result = await db.transaction(async (trx: Db) => {
      await requireModel(trx, model)
      const last = await findLastMove(trx, of)
      const previous = last?.move.version ?? null
      if (last && previous === of.target) return { move: last.move, previous, moved: false }
      if (of.expected !== undefined && of.expected !== previous) {
        throw fail('model.pointer_moved', {
          pointer: `Alias "${alias}"`,
          model,
          current: previous === null ? 'at no version' : `at version ${previous}`,
          expected: of.expected === null ? 'at no version' : `at version ${of.expected}`,
          version: previous,
          by: last?.move.by ?? 'nobody',
          reason: last?.move.reason ?? 'it never existed',
          at: last?.move.at ?? null,
        })
      }
      const made: AliasMove = { model, alias, at: clock.now(), ...(await choose(trx, previous)) }
      await addAliasMove(trx, made, (last?.sequence ?? 0) + 1)
      await noteAlias(trx, made)
      return { move: made, previous, moved: true }
    })
    if (result.moved) {
      const type = result.move.version === null ? 'model.alias_deleted' : 'model.alias_set'
      await audit(type, { ...result.move, previous: result.previous })
    }
    return result
  }

  return {
    async setAlias({ model, alias, version, by, reason, expected, unchecked = false }) {
      checkAlias(alias)
      const refuseUnusable = async (db: Db) => assertUsable(await requireVersion(db, { model, version }))
      await refuseUnusable(tables())
      const demanded = unchecked ? undefined : await checks.demand({ model, version, pointer: alias })
      const result = await move({ model, alias, target: version, expected }, async (trx) => {
        await refuseUnusable(trx)
        await demanded?.assertUnchanged(trx)
        return { version, kind: 'set', by, reason }
      })
      return result.move
    },
    async deleteAlias({ model, alias }, { by, reason, expected }) {
      if (!(await findLastMove(tables(), { model, alias }))) {
        await requireModel(tables(), model)
        return
      }
      await move({ model, alias, target: null, expected }, async () => ({
        version: null,
        kind: 'delete',
        by,
        reason,
      }))
    },
    async rollbackAlias({ model, alias }, { by, reason, expected }) {
      const result = await move({ model, alias, expected }, async (trx, current) => {
        const version = (await listEarlierVersions(trx, { model, alias })).find((one) => one !== current)
        if (version === undefined) {
          throw fail('model.no_previous_version', { model, alias })
        }
        return { version, kind: 'rollback', by, reason }
      })
      return result.move
    },
    async findAliasAt(of) {
      const found = (await findLastMove(tables(), of))?.move
      return found && found.version !== null ? { ...found, version: found.version } : undefined
    },
    async listAliasHistory(of, page) {
      await requireModel(tables(), of.model)
      return readPage(page, (range) => listAliasMoves(tables(), of, range))
    },
  }
}

/** Deletes the aliases of a version, inside the transaction of its deletion. */
export async function deleteAliasesOf(
  trx: Db,
  of: VersionRef,
  decision: Pick<AliasMove, 'at' | 'by' | 'reason'>,
): Promise<void> {
  for (const alias of await aliasesOf(trx, of)) {
    const made: AliasMove = { model: of.model, alias, version: null, kind: 'delete', ...decision }
    const last = await findLastMove(trx, { model: of.model, alias })
    await addAliasMove(trx, made, (last?.sequence ?? 0) + 1)
    await noteAlias(trx, made)
  }
}

async function noteAlias(trx: Db, { model, alias, version, at }: AliasMove): Promise<void> {
  await noteWebhookEvent(
    trx,
    version === null
      ? { entity: 'MODEL_VERSION_ALIAS', action: 'DELETED', at, data: { name: model, alias } }
      : {
          entity: 'MODEL_VERSION_ALIAS',
          action: 'CREATED',
          at,
          data: { name: model, alias, version: String(version) },
        },
  )
}
