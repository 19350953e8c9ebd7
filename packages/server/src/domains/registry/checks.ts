import { fail } from '@millrace/protocol'
import { newId } from '../../kernel/ids.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import {
  type CheckReport,
  type CheckResult,
  checkMetric,
  checkTagOf,
  type ModelChecks,
  noChecks,
  refuseInvalidChecks,
} from './checks/check.ts'
import { inspectFiles } from './checks/files.ts'
import { addReport, listReports } from './checks/report-store.ts'
import { requireModel, requireVersion } from './lookup.ts'
import { changeModel } from './model-store.ts'
import type { ModelVersion, VersionRef } from './model-version.ts'
import type { RegistryContext } from './registry-context.ts'
import type { Db, RegistryTables } from './tables.ts'

/** What versions must pass before the guarded pointers of their model may name them. */
export interface CheckService {
  /** null = nothing is demanded. @throws `model.not_found`, `model.entry_invalid` */
  setChecks(model: string, checks: ModelChecks | null): Promise<ModelChecks | null>
  /** @throws `model.not_found` */
  getChecks(model: string): Promise<ModelChecks | null>
  /** Makes all checks now and keeps the report. @throws `model.not_found`, `model.version_not_found` */
  checkVersion(of: VersionRef): Promise<CheckReport>
  /** Newest first. @throws `model.not_found`, `model.version_not_found` */
  listCheckReports(of: VersionRef, page?: PageInput): Promise<Page<CheckReport>>
}

/** A demand that was met, to be held against what is demanded when the pointer moves. */
export interface MetDemand {
  /** @throws `storage.conflict` if other checks are demanded by now */
  assertUnchanged(trx: Db): Promise<void>
}

export interface CheckGuard {
  /**
   * Makes the checks if the model guards the pointer.
   * @throws `model.checks_failed` with the results
   */
  demand(of: VersionRef & { pointer: string }): Promise<MetDemand>
}

export function createCheckService(context: RegistryContext): CheckService & CheckGuard {
  const { db, clock, links, audit } = context
  const tables = () => db.tables<RegistryTables>()

  async function check(version: ModelVersion, checks: ModelChecks): Promise<CheckReport> {
    const location = version.storageLocation
    const folder = location === null ? undefined : await links.openFolder(location)
    const files = await inspectFiles(folder, version)
    const metrics = await metricsOf(version)
    const result = (name: keyof typeof files, demanded: boolean): CheckResult => ({
      check: name,
      of: null,
      ...files[name],
      demanded,
    })
    // Whether the files can be compared at all is not the model's fault; that they changed is always a reason.
    const changed = files.unchanged.outcome === 'failed'
    const results = [
      result('unchanged', changed),
      result('loads', checks.loads),
      result('signature', checks.signature),
      result('predicts', checks.predicts),
      ...checks.metrics.map((bounds) => checkMetric(bounds, metrics)),
      ...checks.tags.map((tag) => checkTagOf(tag, version.tags)),
    ]
    const report: CheckReport = {
      id: newId('check', clock.now()),
      model: version.model,
      version: version.version,
      passed: results.every(({ demanded, outcome }) => !demanded || outcome === 'passed'),
      results,
      checkedAt: clock.now(),
    }
    await addReport(tables(), report)
    return report
  }

  /** The gate knows best, then the logged model, then the run. */
  async function metricsOf({ gate, modelId, lineage }: ModelVersion): Promise<Record<string, number>> {
    const run = lineage.run === null ? undefined : await links.findRun(lineage.run)
    const logged = modelId === null ? undefined : await links.findLoggedModel(modelId)
    return { ...run?.metrics, ...logged?.metrics, ...gate?.metrics }
  }

  return {
    async setChecks(model, checks) {
      if (checks) refuseInvalidChecks(model, checks)
      await db.transaction<RegistryTables, void>(async (trx) => {
        await requireModel(trx, model)
        await changeModel(trx, model, { checks: checks && JSON.stringify(checks), updated_at: clock.now() })
      })
      await audit('model.checks_set', { model, checks })
      return checks
    },
    getChecks: async (model) => parseChecks((await requireModel(tables(), model)).checks),
    async checkVersion(of) {
      const version = await requireVersion(tables(), of)
      const { checks } = await requireModel(tables(), of.model)
      return check(version, parseChecks(checks) ?? noChecks)
    },
    async listCheckReports({ model, version }, page) {
      await requireVersion(tables(), { model, version })
      return readPage(page, (range) => listReports(tables(), { model, version }, range))
    },
    async demand({ model, version, pointer }) {
      const { checks } = await requireModel(tables(), model)
      const met: MetDemand = {
        async assertUnchanged(trx) {
          if ((await requireModel(trx, model)).checks !== checks) {
            throw fail('storage.conflict', { what: `What model "${model}" demands` })
          }
        },
      }
      const demanded = parseChecks(checks)
      if (!demanded?.pointers.includes(pointer)) return met
      const report = await check(await requireVersion(tables(), { model, version }), demanded)
      if (report.passed) return met
      const failed = report.results.filter((one) => one.demanded && one.outcome !== 'passed')
      const reasons = failed.map((one) => `${one.check}: ${one.detail}`).join('; ')
      await audit('model.checks_failed', { model, version, pointer, report: report.id, reasons })
      throw fail('model.checks_failed', { model, version, pointer: `"${pointer}"`, reasons, results: failed })
    },
  }
}

function parseChecks(text: string | null): ModelChecks | null {
  return text === null ? null : (JSON.parse(text) as ModelChecks)
}
