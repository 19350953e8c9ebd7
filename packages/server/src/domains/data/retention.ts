import { fail } from '@millrace/protocol'
import type { Kysely } from 'kysely'
import type { Clock } from '../../kernel/clock.ts'
import { pagesOf } from '../../kernel/pages.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { DatasetVersion, DatasetVersionRef } from './dataset-version.ts'
import { listHolders } from './holds.ts'
import { removeVersion } from './remove-version.ts'
import { type DataTables, findLatest, findVersion } from './store.ts'
import { checkTag, listTagMoves, listTags, moveTag, type TagMove } from './tags.ts'
import { resolveVersion } from './version-lookup.ts'
import type { VersionUse, VersionUses } from './version-uses.ts'

export interface PruneInput {
  dataset: string
  /** Keeps so many versions, those that were the latest last; at least 1. */
  last: number
  /** Keeps versions that were made within so many days. */
  days: number
  /** Removes nothing. */
  dryRun?: boolean
}

export interface Pruned {
  /** Removed, or what would be. */
  items: DatasetVersion[]
  /** Old enough, but named. */
  kept: { version: DatasetVersion; uses: VersionUse[] }[]
}

/** Which versions of datasets have names, and which stay. The bytes of those that go are removed by `millrace gc`. */
export interface DatasetRetention {
  /** Moves the tag to the version. @throws `dataset.tag_invalid`, `dataset.version_not_found` */
  tag(ref: DatasetVersionRef, tag: string): Promise<Required<TagMove>>
  /** @throws `dataset.version_not_found` if there is no such tag */
  removeTag(dataset: string, tag: string): Promise<void>
  /** By name. */
  listTags(dataset: string): Promise<Required<TagMove>[]>
  /** Latest first. */
  listMoves(dataset: string, tag: string, page?: PageInput): Promise<Page<TagMove>>
  /** Who names the version. @throws `dataset.version_not_found` */
  listUses(ref: DatasetVersionRef): Promise<VersionUse[]>
  /** @throws `dataset.version_not_found`, `dataset.version_named` */
  remove(ref: DatasetVersionRef): Promise<DatasetVersion>
  /** Removes versions that are neither among the last, nor new enough, nor named. */
  prune(input: PruneInput): Promise<Pruned>
  /**
   * Prunes each dataset as its definition says in `keep`.
   * @param options.check called before each version; what it throws ends it
   * @returns how many versions went, or would go
   */
  applyKeep(options: { dryRun: boolean; check?(): void }): Promise<number>
}

interface RetentionDeps {
  db: Database
  clock: Clock
  definitions: Pick<DefinitionService, 'list'>
  uses: readonly VersionUses[]
}

const dayMs = 24 * 60 * 60 * 1000
const pageSize = 500

export function createDatasetRetention({ db, clock, definitions, uses }: RetentionDeps): DatasetRetention {
  const tables = () => db.tables<DataTables>()

  async function prepare(): Promise<void> {
    for (const one of uses) await one.prepare?.()
  }

  async function findUses(trx: Kysely<DataTables>, ref: DatasetVersionRef): Promise<VersionUse[]> {
    const found: VersionUse[] = []
    const latest = await findLatest(trx, ref.dataset)
    if (latest?.version === ref.version) found.push({ kind: 'latest', name: 'latest' })
    for (const { tag, version } of await listTags(trx, ref.dataset)) {
      if (version === ref.version) found.push({ kind: 'tag', name: tag })
    }
    for (const name of await listHolders(trx, ref, clock.now())) found.push({ kind: 'work', name })
    for (const one of uses) found.push(...(await one.find(trx as Kysely<unknown>, ref)))
    return found
  }

  /** @returns why it stays, and nothing if it is gone */
  async function removeUnused(version: DatasetVersionRef): Promise<VersionUse[]> {
    // What stays is no writer's concern.
    const known = await findUses(tables(), version)
    if (known.length > 0) return known
    return db.transaction<DataTables, VersionUse[]>(async (trx) => {
      const found = await findUses(trx, version)
      if (found.length === 0) await removeVersion(db, trx, version, clock.now())
      return found
    })
  }

  async function* oldVersions({ dataset, last, days }: PruneInput): AsyncGenerator<DatasetVersionRef> {
    const before = clock.now() - days * dayMs
    const oldestKept = await tables()
      .selectFrom('dataset_versions')
      .select('sequence')
      .where('dataset', '=', dataset)
      .orderBy('sequence', 'desc')
      .offset(last - 1)
      .limit(1)
      .executeTakeFirst()
    if (!oldestKept) return
    const pages = pagesOf<{ version: string; sequence: number }>(pageSize, (after, limit) =>
      tables()
        .selectFrom('dataset_versions')
        .select(['version', 'sequence'])
        .where('dataset', '=', dataset)
        .where('sequence', '<', (after ?? oldestKept).sequence)
        .where('created_at', '<', before)
        .orderBy('sequence', 'desc')
        .limit(limit)
        .execute(),
    )
    for await (const page of pages) for (const { version } of page) yield { dataset, version }
  }

  const pruneVersion = (version: DatasetVersionRef, { dryRun = false }: { dryRun?: boolean }) =>
    dryRun ? findUses(tables(), version) : removeUnused(version)

  async function prune(input: PruneInput): Promise<Pruned> {
    await prepare()
    await resolveVersion(tables(), { dataset: input.dataset, version: 'latest' })
    const pruned: Pruned = { items: [], kept: [] }
    for await (const ref of oldVersions(input)) {
      const version = await findVersion(tables(), ref.dataset, ref.version)
      // Another one has removed it meanwhile.
      if (!version) continue
      const named = await pruneVersion(ref, input)
      if (named.length === 0) pruned.items.push(version)
      else pruned.kept.push({ version, uses: named })
    }
    return pruned
  }

  return {
    prune,
    async tag(ref, tag) {
      checkTag(tag)
      const now = clock.now()
      const { dataset } = ref
      return db.transaction<DataTables, Required<TagMove>>(async (trx) => {
        const { version } = await resolveVersion(trx, ref)
        const [current] = await listTags(trx, dataset, tag)
        if (current?.version === version) return current
        await moveTag(trx, { dataset, tag, version }, now)
        return { tag, version, movedAt: now }
      })
    },
    async removeTag(dataset, tag) {
      await db.transaction<DataTables, void>(async (trx) => {
        const [current] = await listTags(trx, dataset, tag)
        if (!current) throw fail('dataset.version_not_found', { dataset, version: tag })
        await moveTag(trx, { dataset, tag, version: null }, clock.now())
      })
    },
    listTags: (dataset) => listTags(tables(), dataset),
    listMoves: (dataset, tag, page) =>
      readPage(page, (range) => listTagMoves(tables(), { dataset, tag }, range)),
    async listUses(ref) {
      await prepare()
      return findUses(tables(), await resolveVersion(tables(), ref))
    },
    async remove(ref) {
      await prepare()
      const version = await resolveVersion(tables(), ref)
      const named = await removeUnused(version)
      if (named.length === 0) return version
      throw fail('dataset.version_named', {
        dataset: version.dataset,
        version: version.version,
        names: named.map(describeUse).join(', '),
      })
    },
    async applyKeep({ dryRun, check }) {
      let count = 0
      await prepare()
      for (const { name: dataset, keep } of await definitions.list('dataset')) {
        if (!keep) continue
        const { last = 1, days = 0 } = keep
        for await (const version of oldVersions({ dataset, last, days })) {
          check?.()
          if ((await pruneVersion(version, { dryRun })).length === 0) count++
        }
      }
      return count
    },
  }
}

/** A use in words. */
function describeUse({ kind, name }: VersionUse): string {
  if (kind === 'latest') return 'it is the latest one'
  return kind === 'work' ? name : `the ${kind.replace('-', ' ')} ${name}`
}
