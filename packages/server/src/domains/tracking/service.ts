import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import { type ArtifactReader, type ArtifactService, ownRoot } from '../artifacts/index.ts'
import { createRunArtifactService, type RunArtifactService } from './artifact-service.ts'
import {
  addMetrics,
  addParams,
  listEntries,
  listLatestMetrics,
  listMetricHistory,
  setTags,
} from './entry-store.ts'
import type { Metric } from './metric.ts'
import {
  type CreateRunInput,
  checkBatch,
  checkName,
  type Experiment,
  type LogBatchInput,
  type Run,
  type RunDetail,
  type RunStatus,
} from './run.ts'
import {
  addExperiment,
  addRun,
  type Db,
  findExperiment,
  findRun,
  listExperiments,
  listRuns,
  setRunStatus,
  type TrackingTables,
} from './store.ts'

export interface TrackingService extends RunArtifactService {
  getOrCreateExperiment(name: string): Promise<Experiment>
  /** @throws `experiment.not_found` */
  getExperiment(id: string): Promise<Experiment>
  listExperiments(page?: PageInput): Promise<Page<Experiment>>
  createRun(input: CreateRunInput): Promise<Run>
  /** @throws `run.not_found` */
  getRun(run: string): Promise<RunDetail>
  /** Newest first; of all experiments without `experiment` (an id). */
  listRuns(filter: { experiment?: string }, page?: PageInput): Promise<Page<Run>>
  /**
   * Adds everything or nothing. Parameters never change: the same value again is fine, another one is refused. Tags
   * are replaced. An exact repeat of a metric value counts once.
   * @throws `run.not_found`, `run.param_conflict`, `run.entry_invalid`
   */
  logBatch(batch: LogBatchInput): Promise<void>
  /** Ends a run. To end it again in the same way changes nothing. */
  finishRun(run: string, status: Exclude<RunStatus, 'RUNNING'>): Promise<void>
  /** All values of one metric, by step. @throws `run.not_found` */
  metricHistory(of: { run: string; key: string }, page?: PageInput): Promise<Page<Metric>>
}

export interface TrackingDeps {
  db: Database
  artifacts: ArtifactService
  artifactReader: ArtifactReader
  clock: Clock
}

export function createTrackingService({
  db,
  artifacts,
  artifactReader,
  clock,
}: TrackingDeps): TrackingService {
  const tables = () => db.tables<TrackingTables>()

  async function requireRun(from: Db, id: string): Promise<Run> {
    const run = await findRun(from, { id })
    if (!run) throw fail('run.not_found', { run: id })
    return run
  }
  const ensureExperiment = async (trx: Db, name: string) =>
    (await findExperiment(trx, { name })) ?? addExperiment(trx, name, clock.now())

  return {
    ...createRunArtifactService({
      artifacts,
      reader: artifactReader,
      async getRun(id) {
        const run = await requireRun(tables(), id)
        return { ...run, artifactUri: `${ownRoot}${run.experimentId}/${run.id}/artifacts` }
      },
    }),
    async getOrCreateExperiment(name) {
      checkName('experiment', name)
      return db.transaction<TrackingTables, Experiment>((trx) => ensureExperiment(trx, name))
    },
    async getExperiment(id) {
      const found = await findExperiment(tables(), { id })
      if (!found) throw fail('experiment.not_found', { experiment: id })
      return found
    },
    listExperiments: (page) => readPage(page, (range) => listExperiments(tables(), range)),
    async createRun({ experiment, key, name, tags = {} }) {
      checkName('experiment', experiment)
      if (name !== undefined) checkName('run', name)
      checkBatch({ run: '(new)', tags })
      const id = newId('run', clock.now())
      return db.transaction<TrackingTables, Run>(async (trx) => {
        const existing = key === undefined ? undefined : await findRun(trx, { key })
        if (existing) {
          if (existing.status !== 'FAILED' && existing.status !== 'KILLED') return existing
          await setRunStatus(trx, existing.id, { status: 'RUNNING', endedAt: null })
          return { ...existing, status: 'RUNNING', endedAt: null }
        }
        const { id: experimentId } = await ensureExperiment(trx, experiment)
        const run: Run = {
          id,
          experimentId,
          name: name ?? id,
          status: 'RUNNING',
          startedAt: clock.now(),
          endedAt: null,
        }
        await addRun(trx, run, key)
        await setTags(trx, id, tags)
        return run
      })
    },
    async getRun(id) {
      const run = await requireRun(tables(), id)
      const [params, tags, metrics] = await Promise.all([
        listEntries(tables(), 'run_params', id),
        listEntries(tables(), 'run_tags', id),
        listLatestMetrics(tables(), id),
      ])
      return { ...run, params, tags, metrics }
    },
    async listRuns({ experiment }, page) {
      if (experiment !== undefined && !(await findExperiment(tables(), { id: experiment }))) {
        throw fail('experiment.not_found', { experiment })
      }
      return readPage(page, (range) => listRuns(tables(), experiment, range))
    },
    async logBatch(batch) {
      checkBatch(batch)
      const { run, params = {}, metrics = [], tags = {} } = batch
      await db.transaction<TrackingTables, void>(async (trx) => {
        await requireRun(trx, run)
        await addParams(trx, run, params)
        await setTags(trx, run, tags)
        await addMetrics(trx, run, metrics)
      })
    },
    async finishRun(id, status) {
      await db.transaction<TrackingTables, void>(async (trx) => {
        const run = await requireRun(trx, id)
        if (run.status !== status) await setRunStatus(trx, id, { status, endedAt: clock.now() })
      })
    },
    async metricHistory({ run, key }, page) {
      await requireRun(tables(), run)
      return readPage(page, (range) => listMetricHistory(tables(), { run, key }, range))
    },
  }
}
