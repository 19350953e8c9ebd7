import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import { type Amount, type ArtifactGarbage, type ArtifactService, folderOfUri } from '../artifacts/index.ts'
import type { DatasetRetention } from '../data/index.ts'
import type { FeatureService } from '../features/index.ts'
import type { FileSetGarbage } from '../file-sets/index.ts'
import type { NamedLookup } from '../registry/index.ts'
import type { Purge, PurgeService } from '../tracking/index.ts'
import type { ContentGarbage } from './contents.ts'

export interface CollectInput {
  /** Only what was deleted at least so long ago. */
  olderThanMs: number
  /** Counts what would be removed and removes nothing. */
  dryRun?: boolean
  /**
   * Stops early after so long, milliseconds; asking again goes on. What could not go on where it stopped is done whole
   * and does not count.
   */
  budgetMs?: number
}

/** What has been removed for good, or would be. */
export interface GarbageReport {
  dryRun: boolean
  /** False when the budget was spent: ask again. */
  complete: boolean
  experiments: number
  runs: number
  loggedModels: number
  /** Files of those runs and models. */
  artifacts: Amount
  /** Uploads in parts that nobody has gone on with for a day, and their parts. */
  uploads: Amount & { uploads: number }
  /** What a crash left behind in the object store. */
  orphans: Amount
  /** Versions of datasets that their definitions do not keep. */
  datasetVersions: number
  /** What no record names any more: rows of datasets, training sets, models, code. */
  contents: Amount
  /** Bytes of files that no version of a file set names any more. */
  fileSets: Amount
  /** Tables of the online store of versions of views that nothing reads; `busy` were left, for the view is written. */
  onlineTables: { tables: number; keys: number; busy: number }
  /** Deleted, and kept because a version of a model names them or what they made. */
  kept: { runs: number; loggedModels: number }
  /** Runs and models whose files clients keep elsewhere: those files are left to them. */
  outside: number
}

export interface GarbageService {
  /**
   * Removes experiments, runs and logged models that were deleted before, with their metrics, parameters, tags and files;
   * abandoned uploads; objects that nothing refers to. Never what a version of a model names. It may be killed at any
   * time: the next one goes on.
   * @throws `garbage.running`, also in the middle, when another server has taken over after the connection was lost
   */
  collect(input: CollectInput): Promise<GarbageReport>
}

export interface GarbageDeps {
  db: Database
  clock: Clock
  artifacts: ArtifactService
  garbage: ArtifactGarbage
  fileSets: FileSetGarbage
  datasets: Pick<DatasetRetention, 'applyKeep'>
  contents: ContentGarbage
  features: Pick<FeatureService, 'removeUnusedTables'>
  /** Versions of feature views that revisions of endpoints read. */
  listPinnedViews(): Promise<{ view: string; version: string }[]>
  purges: PurgeService
  named: NamedLookup
}

const dayMs = 24 * 60 * 60 * 1000
const pageSize = 200

export function createGarbageService(deps: GarbageDeps): GarbageService {
  const { db, clock, artifacts, garbage, fileSets, datasets, contents, purges, named } = deps

  return {
    async collect({ olderThanMs, dryRun = false, budgetMs = Number.POSITIVE_INFINITY }) {
      const lock = await db.lock('garbage')
      if (!lock) throw fail('garbage.running')
      let isLost = false
      void lock.lost.then(() => {
        isLost = true
      })
      try {
        const now = clock.now()
        let deadline = now + budgetMs
        const check = () => {
          if (isLost) throw fail('garbage.running')
        }
        const isSpent = () => {
          check()
          return clock.now() > deadline
        }
        const whole = async <Result>(stage: () => Promise<Result>) => {
          check()
          const began = clock.now()
          const result = await stage()
          deadline += clock.now() - began
          return result
        }
        return await collect({ before: now - olderThanMs, now, dryRun, check, isSpent, whole })
      } finally {
        await lock.release()
      }
    },
  }

  async function collect(run: {
    before: number
    now: number
    dryRun: boolean
    /** @throws `garbage.running` if the lock is another's */
    check(): void
    /** Whether to stop, once something has been removed: each request has to come further. Checks, too. */
    isSpent: () => boolean
    /** Runs a stage to its end. */
    whole<Result>(stage: () => Promise<Result>): Promise<Result>
  }): Promise<GarbageReport> {
    const { before, now, dryRun, check, isSpent, whole } = run
    const report = emptyReport(dryRun)
    const keptIn = new Set<string>()
    if (!dryRun) await whole(() => garbage.removeOrphanSeals(now - dayMs, named.findSeals))
    for (const begun of await purges.listBegun()) {
      // A crash came in between: it is no longer there for anybody.
      await remove(begun, report)
      if (isSpent()) return report
    }
    for (const kind of ['logged_model', 'run'] as const) {
      let after: string | undefined
      for (;;) {
        const page = await purges.listExpired(kind, before, { after, limit: pageSize })
        const needed = await neededOf(page)
        for (const purge of page) {
          check()
          if (needed.has(purge.id)) {
            report.kept[kind === 'run' ? 'runs' : 'loggedModels']++
            keptIn.add(purge.experiment)
          } else if (dryRun || (await purges.begin(purge, before))) {
            await remove(purge, report)
            if (isSpent()) return report
          }
        }
        after = page.at(-1)?.id
        if (page.length < pageSize) break
      }
    }
    for (const id of await purges.listExpiredExperiments(before)) {
      const isGone = dryRun ? !keptIn.has(id) : await purges.purgeExperiment(id, before)
      if (isGone) report.experiments++
    }
    report.uploads = await whole(async () => {
      if (!dryRun) await garbage.settleWrites(now)
      return garbage.removeAbandonedUploads(now - dayMs, { dryRun })
    })
    report.orphans = await whole(() => garbage.removeOrphans(now - dayMs, { dryRun }))
    report.fileSets = await whole(() => fileSets.collect({ dryRun }))
    report.datasetVersions = await whole(() => datasets.applyKeep({ dryRun, check }))
    report.contents = await whole(() => contents.collect({ dryRun, check }))
    const keep = await deps.listPinnedViews()
    const { complete, ...online } = await deps.features.removeUnusedTables({ keep, before, dryRun, isSpent })
    return { ...report, onlineTables: online, complete }
  }

  /** The ids of those that a version of a model names, or a logged model that they made, or whose files are sealed. */
  async function neededOf(page: readonly Purge[]): Promise<Set<string>> {
    const idsOf = (kind: Purge['kind']) => page.filter((purge) => purge.kind === kind).map(({ id }) => id)
    const made = await purges.listModelsOfRuns(idsOf('run'))
    const models = [...idsOf('logged_model'), ...made.map(({ model }) => model)]
    const found = await named.findNamed({ runs: idsOf('run'), models })
    const needed = new Set([...found.runs, ...found.models])
    for (const { run, model } of made) if (found.models.has(model)) needed.add(run)
    for (const purge of page) {
      const folder = filesOf(purge)
      if (folder !== undefined && (await artifacts.isSealed(folder))) needed.add(purge.id)
    }
    return needed
  }

  async function remove(purge: Purge, report: GarbageReport): Promise<void> {
    const folder = filesOf(purge)
    if (folder === undefined) {
      report.outside++
    } else {
      const { files, bytes } = await (report.dryRun ? garbage.measure(folder) : artifacts.delete(folder))
      report.artifacts.files += files
      report.artifacts.bytes += bytes
    }
    if (!report.dryRun) await purges.finish(purge)
    report[purge.kind === 'run' ? 'runs' : 'loggedModels']++
  }
}

/** The folder in the own store that is its alone; a location that does not name it might be shared. */
function filesOf({ id, artifactUri }: Purge): string | undefined {
  const folder = folderOfUri(artifactUri)
  return folder?.split('/').includes(id) ? folder : undefined
}

function emptyReport(dryRun: boolean): GarbageReport {
  return {
    dryRun,
    complete: false,
    experiments: 0,
    runs: 0,
    loggedModels: 0,
    artifacts: { files: 0, bytes: 0 },
    uploads: { uploads: 0, files: 0, bytes: 0 },
    orphans: { files: 0, bytes: 0 },
    datasetVersions: 0,
    contents: { files: 0, bytes: 0 },
    fileSets: { files: 0, bytes: 0 },
    onlineTables: { tables: 0, keys: 0, busy: 0 },
    kept: { runs: 0, loggedModels: 0 },
    outside: 0,
  }
}
