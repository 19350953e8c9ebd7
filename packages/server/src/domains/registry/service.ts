import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import { addAliasMove, currentAliases, findAliasMove, listAliasMoves } from './alias-store.ts'
import type {
  AliasMove,
  LineageQuery,
  ModelVersion,
  RegisteredModel,
  RegisterVersionInput,
  SetAliasInput,
} from './model-version.ts'
import { checkAlias, checkModelName, parseReference } from './names.ts'
import {
  addVersion,
  type Db,
  ensureModel,
  findModel,
  findVersion,
  lastVersion,
  listModels,
  listVersions,
  listVersionsBy,
  type RegistryTables,
} from './store.ts'

export interface RegistryService {
  /**
   * Adds the next version (1, 2, …): READY if its gate was passed, else REJECTED with the gate's reason.
   * @throws `model.name_invalid`; `model.registration_conflict` if the key was used for another content
   */
  registerVersion(input: RegisterVersionInput): Promise<ModelVersion>
  /** @throws `model.not_found`, `model.version_not_found` */
  getVersion(of: { model: string; version: number }): Promise<ModelVersion>
  listModels(page?: PageInput): Promise<Page<RegisteredModel>>
  /** Newest first. @throws `model.not_found` */
  listVersions(model: string, page?: PageInput): Promise<Page<ModelVersion>>
  /** Versions that came from a dataset version, a training set or a run: the lineage backwards. */
  listVersionsBy(by: LineageQuery, page?: PageInput): Promise<Page<ModelVersion>>
  /**
   * Points an alias at a version. To set it where it points already changes nothing and leaves no trace.
   * @throws `model.name_invalid`, `model.version_not_found`; `model.version_rejected`
   */
  setAlias(input: SetAliasInput): Promise<AliasMove>
  /** The version behind `name@alias` or `name/version`. @throws as getVersion; `model.alias_not_found` */
  resolve(reference: string): Promise<ModelVersion>
  /** As resolve, undefined while the model or the alias does not exist. */
  find(reference: string): Promise<ModelVersion | undefined>
  /** Where an alias pointed at a time in milliseconds. */
  findAliasAt(of: { model: string; alias: string; at: number }): Promise<AliasMove | undefined>
  /** Every move of an alias, newest first. */
  listAliasHistory(of: { model: string; alias: string }, page?: PageInput): Promise<Page<AliasMove>>
}

export interface RegistryDeps {
  db: Database
  stream: EventStream
  clock: Clock
}

export function createRegistryService({ db, stream, clock }: RegistryDeps): RegistryService {
  const tables = () => db.tables<RegistryTables>()

  async function requireVersion(from: Db, of: { model: string; version: number }): Promise<ModelVersion> {
    const found = await findVersion(from, of)
    if (found) return found
    if (!(await findModel(from, of.model))) throw fail('model.not_found', { model: of.model })
    throw fail('model.version_not_found', of)
  }

  async function find(reference: string): Promise<ModelVersion | undefined> {
    const parsed = parseReference(reference)
    if ('version' in parsed) return findVersion(tables(), parsed)
    const current = await findAliasMove(tables(), parsed)
    return current && findVersion(tables(), { model: parsed.model, version: current.move.version })
  }

  const audit = (type: string, data: Record<string, unknown>) =>
    stream.append('audit', [{ type, at: clock.now(), data }])

  return {
    async registerVersion({ model, key, manifest, gate, lineage, tags = {} }) {
      checkModelName(model)
      const { version, isNew } = await db.transaction<
        RegistryTables,
        { version: ModelVersion; isNew: boolean }
      >(async (trx) => {
        const existing = key === undefined ? undefined : await findVersion(trx, { key })
        if (existing) {
          if (existing.model === model && existing.manifest === manifest) {
            return { version: existing, isNew: false }
          }
          throw fail('model.registration_conflict', { key, model: existing.model, version: existing.version })
        }
        await ensureModel(trx, model, clock.now())
        const added: ModelVersion = {
          model,
          version: (await lastVersion(trx, model)) + 1,
          status: gate.passed ? 'READY' : 'REJECTED',
          reason: gate.reason,
          manifest,
          gate,
          tags,
          lineage,
          createdAt: clock.now(),
        }
        await addVersion(trx, added, key)
        return { version: added, isNew: true }
      })
      if (isNew) {
        const { status, reason } = version
        await audit('model.registered', { model, version: version.version, status, reason, manifest })
      }
      return version
    },
    getVersion: (of) => requireVersion(tables(), of),
    listModels: (page) =>
      readPage(page, async (range) =>
        Promise.all(
          (await listModels(tables(), range)).map(async ({ name, created_at }) => ({
            name,
            createdAt: created_at,
            latestVersion: await lastVersion(tables(), name),
            aliases: await currentAliases(tables(), name),
          })),
        ),
      ),
    async listVersions(model, page) {
      if (!(await findModel(tables(), model))) throw fail('model.not_found', { model })
      return readPage(page, (range) => listVersions(tables(), model, range))
    },
    listVersionsBy: (by, page) => readPage(page, (range) => listVersionsBy(tables(), by, range)),
    async setAlias({ model, alias, version, by, reason }) {
      checkAlias(alias)
      const move: AliasMove = { model, alias, version, at: clock.now(), by, reason }
      const before = await db.transaction<RegistryTables, AliasMove | undefined>(async (trx) => {
        const target = await requireVersion(trx, { model, version })
        if (target.status === 'REJECTED') {
          throw fail('model.version_rejected', { model, version, reason: target.reason })
        }
        const current = await findAliasMove(trx, { model, alias })
        if (current?.move.version !== version) await addAliasMove(trx, move, (current?.sequence ?? 0) + 1)
        return current?.move
      })
      if (before?.version === version) return before
      await audit('model.alias_set', { ...move, previous: before?.version ?? null })
      return move
    },
    find,
    async resolve(reference) {
      const parsed = parseReference(reference)
      if ('version' in parsed) return requireVersion(tables(), parsed)
      const found = await find(reference)
      if (found) return found
      if (!(await findModel(tables(), parsed.model))) throw fail('model.not_found', { model: parsed.model })
      throw fail('model.alias_not_found', parsed)
    },
    findAliasAt: async (of) => (await findAliasMove(tables(), of))?.move,
    async listAliasHistory(of, page) {
      if (!(await findModel(tables(), of.model))) throw fail('model.not_found', { model: of.model })
      return readPage(page, (range) => listAliasMoves(tables(), of, range))
    },
  }
}
