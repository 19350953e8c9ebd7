import { fail } from '@millrace/protocol'
import { newHexId } from '../../kernel/ids.ts'
import { readPage } from '../../kernel/paging.ts'
import type { TrackingDeps } from './deps.ts'
import { requireActiveExperiment, requireExperiment } from './experiment-writer.ts'
import {
  type CreateLoggedModelInput,
  type LoggedModel,
  type LoggedModelDetail,
  type LoggedModelService,
  loggedModelStatuses,
} from './logged-model.ts'
import {
  addLoggedModel,
  addModelParams,
  changeLoggedModel,
  findLoggedModel,
  listLoggedModels,
  loadLoggedModelDetails,
  setModelTags,
} from './logged-model-store.ts'
import { keyProblem, limits, nameProblem, textProblem } from './names.ts'
import { randomName } from './random-name.ts'
import { requireRun } from './run-service.ts'
import type { Db, TrackingTables } from './tables.ts'

export function createLoggedModelService({
  db,
  clock,
}: Pick<TrackingDeps, 'db' | 'clock'>): LoggedModelService {
  const tables = () => db.tables<TrackingTables>()

  async function detail(from: Db, model: LoggedModel): Promise<LoggedModelDetail> {
    return (await loadLoggedModelDetails(from, [model]))[0]
  }

  /** Changes a model that is not deleted. */
  function change<Result>(
    id: string,
    work: (trx: Db, model: LoggedModel) => Promise<Result>,
  ): Promise<Result> {
    return db.transaction<TrackingTables, Result>(async (trx) => {
      const model = await requireModel(trx, id, { allowDeleted: false })
      const result = await work(trx, model)
      await changeLoggedModel(trx, id, { updated_at: clock.now() })
      return result
    })
  }

  return {
    async createLoggedModel(input) {
      checkModel(input)
      const { experimentId, params = {}, tags = {} } = input
      const now = input.createdAt ?? clock.now()
      const id = input.id ?? `m-${newHexId(clock.now())}`
      return db.transaction<TrackingTables, LoggedModelDetail>(async (trx) => {
        const { artifactLocation } = await requireActiveExperiment(trx, experimentId)
        if (input.sourceRun !== undefined) await requireRun(trx, input.sourceRun)
        if (await findLoggedModel(trx, id)) throw fail('logged_model.exists', { model: id })
        const model: LoggedModel = {
          id,
          experimentId,
          name: input.name || randomName(),
          modelType: input.modelType ?? null,
          sourceRun: input.sourceRun ?? null,
          artifactUri: `${artifactLocation}/models/${id}/artifacts`,
          status: input.status ?? 'PENDING',
          statusMessage: null,
          lifecycleStage: 'active',
          createdAt: now,
          updatedAt: now,
          deletedAt: null,
        }
        await addLoggedModel(trx, model)
        await addModelParams(db, trx, id, params)
        await setModelTags(db, trx, id, tags)
        return detail(trx, model)
      })
    },
    async getLoggedModel(id, { allowDeleted = false } = {}) {
      return detail(tables(), await requireModel(tables(), id, { allowDeleted }))
    },
    async listLoggedModels({ experiment, run, view = 'active' }, page) {
      if (experiment !== undefined) await requireExperiment(tables(), experiment)
      return readPage(page, (range) => listLoggedModels(tables(), { experiment, run, view }, range))
    },
    async setLoggedModelStatus(id, { status, message }) {
      checkStatus(id, status)
      return change(id, async (trx, model) => {
        const next = { ...model, status, statusMessage: message ?? null, updatedAt: clock.now() }
        await changeLoggedModel(trx, id, { status, status_message: next.statusMessage })
        return detail(trx, next)
      })
    },
    async deleteLoggedModel(id) {
      await db.transaction<TrackingTables, void>(async (trx) => {
        const model = await requireModel(trx, id, { allowDeleted: true })
        if (model.lifecycleStage === 'deleted') return
        const now = clock.now()
        await changeLoggedModel(trx, id, { lifecycle_stage: 'deleted', deleted_at: now, updated_at: now })
      })
    },
    async restoreLoggedModel(id) {
      await db.transaction<TrackingTables, void>(async (trx) => {
        const model = await requireModel(trx, id, { allowDeleted: true })
        if (model.lifecycleStage === 'active') return
        const updated_at = clock.now()
        await changeLoggedModel(trx, id, { lifecycle_stage: 'active', deleted_at: null, updated_at })
      })
    },
    async setLoggedModelTags(id, tags) {
      checkEntries(id, { tags })
      await change(id, (trx) => setModelTags(db, trx, id, tags))
    },
    deleteLoggedModelTag: (id, key) =>
      change(id, async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('logged_model_tags')
          .where('model_id', '=', id)
          .where('key', '=', key)
          .executeTakeFirst()
        if (numDeletedRows === 0n) throw fail('logged_model.tag_not_found', { model: id, key })
      }),
    async logLoggedModelParams(id, params) {
      checkEntries(id, { params })
      await change(id, (trx) => addModelParams(db, trx, id, params))
    },
  }
}

async function requireModel(
  db: Db,
  id: string,
  { allowDeleted }: { allowDeleted: boolean },
): Promise<LoggedModel> {
  const model = await findLoggedModel(db, id)
  if (!model || (model.lifecycleStage === 'deleted' && !allowDeleted)) {
    throw fail('logged_model.not_found', { model: id })
  }
  return model
}

/** @throws `logged_model.entry_invalid` */
function checkModel({ id, name, modelType, params, tags, status, createdAt }: CreateLoggedModelInput): void {
  const model = id ?? name ?? '(new)'
  const refuse = (what: string, reason: string) => fail('logged_model.entry_invalid', { model, what, reason })
  if (id !== undefined && !/^m-[a-zA-Z0-9_-]{1,254}$/.test(id)) {
    throw refuse('its id', 'it is "m-" with up to 254 letters, digits, "_" and "-"')
  }
  if (name) {
    const forbidden = /[/:.%"']/.test(name) ? 'it has one of / : . % " \'' : undefined
    const problem = nameProblem(name) ?? forbidden
    if (problem) throw refuse(`the name "${name.slice(0, 200)}"`, problem)
  }
  const typeProblem = modelType === undefined ? undefined : textProblem(modelType, limits.name)
  if (typeProblem) throw refuse('the model type', typeProblem)
  if (createdAt !== undefined && !(Number.isSafeInteger(createdAt) && createdAt >= 0)) {
    throw refuse('its time', `${createdAt} is not milliseconds >= 0`)
  }
  checkStatus(model, status)
  checkEntries(model, { params, tags })
}

/** @throws `logged_model.entry_invalid` */
function checkStatus(model: string, status: string | undefined): void {
  if (status === undefined || loggedModelStatuses.some((known) => known === status)) return
  const reason = `it is one of ${loggedModelStatuses.join(', ')}`
  throw fail('logged_model.entry_invalid', { model, what: `status "${status}"`, reason })
}

/** @throws `logged_model.entry_invalid` */
function checkEntries(
  model: string,
  { params = {}, tags = {} }: Pick<CreateLoggedModelInput, 'params' | 'tags'>,
): void {
  for (const [kind, entries, longest] of [
    ['parameter', params, limits.param],
    ['tag', tags, limits.tag],
  ] as const) {
    for (const [key, value] of Object.entries(entries)) {
      const problem = keyProblem(key) ?? textProblem(value, longest)
      if (!problem) continue
      const what = `${kind} "${key.slice(0, limits.key)}"`
      throw fail('logged_model.entry_invalid', { model, what, reason: problem })
    }
  }
}
