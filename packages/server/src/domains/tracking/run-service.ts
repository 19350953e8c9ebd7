import { fail } from '@millrace/protocol'
import { newHexId } from '../../kernel/ids.ts'
import { readPage } from '../../kernel/paging.ts'
import { checkComparedRuns, compareRuns } from './compare.ts'
import { checkBatch, checkNewRun, checkUpdate } from './entry.ts'
import { removeTag, setTags } from './entry-store.ts'
import {
  type ExperimentDeps,
  experimentWriter,
  requireActiveExperiment,
  requireExperiment,
} from './experiment-writer.ts'
import { noteTag, recordRunNote } from './note-history.ts'
import type { PendingMetrics } from './pending-metrics.ts'
import { randomName } from './random-name.ts'
import {
  type CreateRunInput,
  isEnded,
  type Run,
  type RunService,
  runNameTag,
  type UpdateRunInput,
} from './run.ts'
import { createBatchLogger, writableRunCheck } from './run-batch.ts'
import { runGroupTag } from './run-group.ts'
import { addRun, changeRun, findRun, listRuns, loadRunDetails } from './run-store.ts'
import type { Db, TrackingTables } from './tables.ts'

export function createRunService(deps: ExperimentDeps & { pending: PendingMetrics }): RunService {
  const { db, clock, pending } = deps
  const tables = () => db.tables<TrackingTables>()
  const experiments = experimentWriter(deps)
  const requireWritable = writableRunCheck(db)

  function experimentOf(trx: Db, { experiment, experimentId = '0' }: CreateRunInput) {
    if (experiment !== undefined) return experiments.ensure(trx, experiment)
    return requireActiveExperiment(trx, experimentId)
  }

  async function add(trx: Db, input: CreateRunInput, tags: Map<string, string>): Promise<Run> {
    const { id: experimentId, artifactLocation } = await experimentOf(trx, input)
    const id = input.id ?? newHexId(clock.now())
    if (input.id !== undefined && (await findRun(trx, { id }))) throw fail('run.exists', { run: id })
    const name = input.name ?? tags.get(runNameTag) ?? randomName()
    const run: Run = {
      id,
      experimentId,
      name,
      user: input.user ?? tags.get('mlflow.user') ?? '',
      status: input.status ?? 'RUNNING',
      lifecycleStage: 'active',
      artifactUri: `${artifactLocation}/${id}/artifacts`,
      startedAt: input.startedAt ?? clock.now(),
      endedAt: null,
      deletedAt: null,
    }
    await addRun(trx, run, input.key)
    const group: [string, string][] = input.group === undefined ? [] : [[runGroupTag, input.group]]
    await setTags(db, trx, id, new Map([...tags, [runNameTag, name], ...group]))
    return run
  }

  async function update(trx: Db, run: Run, change: UpdateRunInput): Promise<Run> {
    const { status, endedAt, name, group } = change
    const kept = status === undefined || status === run.status
    const ended = kept ? run.endedAt : isEnded(status) ? (run.endedAt ?? clock.now()) : null
    const next = { ...run, status: status ?? run.status, endedAt: endedAt ?? ended, name: name ?? run.name }
    await changeRun(trx, run.id, { status: next.status, ended_at: next.endedAt, name: next.name })
    if (name !== undefined) await setTags(db, trx, run.id, new Map([[runNameTag, name]]))
    if (typeof group === 'string') await setTags(db, trx, run.id, new Map([[runGroupTag, group]]))
    if (group === null) await removeTag(trx, run.id, runGroupTag)
    return next
  }

  return {
    async createRun(input) {
      const { tags } = checkBatch({ run: input.id ?? '(new)', tags: input.tags })
      checkNewRun(input, tags)
      return db.transaction<TrackingTables, Run>(async (trx) => {
        const existing = input.key === undefined ? undefined : await findRun(trx, { key: input.key })
        if (!existing) return add(trx, input, tags)
        await requireWritable(trx, existing.id)
        if (existing.status !== 'FAILED' && existing.status !== 'KILLED') return existing
        return update(trx, existing, { status: 'RUNNING' })
      })
    },
    async getRun(id) {
      await pending.apply([id])
      const [run] = await loadRunDetails(tables(), [await requireRun(tables(), id)])
      return run
    },
    getRunInfo: (id) => requireRun(tables(), id),
    async listRuns(filter, page) {
      const { experiment } = filter
      if (experiment !== undefined) await requireExperiment(tables(), experiment)
      return readPage(page, (range) => listRuns(tables(), filter, range))
    },
    async updateRun(id, change) {
      checkUpdate(id, change)
      return db.transaction<TrackingTables, Run>(async (trx) => {
        const run = await requireRun(trx, id)
        await requireWritable(trx, id)
        return update(trx, run, change)
      })
    },
    async finishRun(id, status) {
      await db.transaction<TrackingTables, void>(async (trx) => {
        const run = await requireRun(trx, id)
        await requireWritable(trx, id)
        if (run.status !== status) await update(trx, run, { status })
      })
    },
    async deleteRun(id) {
      await db.transaction<TrackingTables, void>(async (trx) => {
        const run = await requireRun(trx, id)
        if (run.lifecycleStage === 'deleted') return
        await changeRun(trx, id, { lifecycle_stage: 'deleted', deleted_at: clock.now() })
      })
    },
    async restoreRun(id) {
      await db.transaction<TrackingTables, void>(async (trx) => {
        const run = await requireRun(trx, id)
        if (run.lifecycleStage === 'active') return
        await requireActiveExperiment(trx, run.experimentId)
        await changeRun(trx, id, { lifecycle_stage: 'active', deleted_at: null })
      })
    },
    logBatch: createBatchLogger(db, clock, pending),
    async deleteRunTag(id, key, by = 'api') {
      await db.transaction<TrackingTables, void>(async (trx) => {
        await requireWritable(trx, id)
        if (key === noteTag) await recordRunNote(trx, id, '', { at: clock.now(), by })
        if (!(await removeTag(trx, id, key))) throw fail('run.tag_not_found', { run: id, key })
      })
    },
    async compareRuns(runs) {
      checkComparedRuns(runs)
      await pending.apply(runs)
      return compareRuns(tables(), runs)
    },
  }
}

/** @throws `run.not_found` */
export async function requireRun(from: Db, id: string): Promise<Run> {
  const run = await findRun(from, { id })
  if (!run) throw fail('run.not_found', { run: id })
  return run
}
