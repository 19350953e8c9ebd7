import { fail } from '@millrace/protocol'
import { readPage } from '../../kernel/paging.ts'
import { checkExperiment, type Experiment, type ExperimentService } from './experiment.ts'
import {
  findExperiment,
  isEmptyExperiment,
  listExperiments,
  listExperimentTags,
  moveExperiment,
  removeExperimentTag,
  updateExperiment,
} from './experiment-store.ts'
import {
  type ExperimentDeps,
  experimentWriter,
  refuseTakenName,
  requireActiveExperiment,
  requireExperiment,
  withTags,
} from './experiment-writer.ts'
import { noteTag, recordExperimentNote } from './note-history.ts'
import type { TrackingTables } from './tables.ts'

export function createExperimentService({ db, clock, artifactRoot }: ExperimentDeps): ExperimentService {
  const tables = () => db.tables<TrackingTables>()
  const { add, ensure, folderOf, setTags } = experimentWriter({ db, clock, artifactRoot })

  return {
    async placeDefaultExperiment() {
      const location = folderOf('0')
      const current = await findExperiment(tables(), { id: '0' })
      if (!current || current.artifactLocation === location) return
      await db.transaction<TrackingTables, void>(async (trx) => {
        if (await isEmptyExperiment(trx, '0'))
          await updateExperiment(trx, '0', { artifact_location: location })
      })
    },
    async createExperiment(input) {
      checkExperiment(input)
      return db.transaction<TrackingTables, Experiment>(async (trx) => {
        await refuseTakenName(trx, input.name)
        return add(trx, input)
      })
    },
    async getOrCreateExperiment(name) {
      checkExperiment({ name })
      return db.transaction<TrackingTables, Experiment>((trx) => ensure(trx, name))
    },
    getExperiment: async (id) => withTags(tables(), await requireExperiment(tables(), id)),
    async getExperimentByName(name) {
      const found = await findExperiment(tables(), { name })
      if (!found) throw fail('experiment.not_found', { experiment: name })
      return withTags(tables(), found)
    },
    async listExperiments(page) {
      const { items, ...rest } = await readPage(page, (range) =>
        listExperiments(tables(), page?.view ?? 'active', range),
      )
      const tags = await listExperimentTags(
        tables(),
        items.map(({ id }) => id),
      )
      return { items: items.map((item) => ({ ...item, tags: tags.get(item.id) ?? {} })), ...rest }
    },
    async renameExperiment(id, name) {
      checkExperiment({ name })
      return db.transaction<TrackingTables, Experiment>(async (trx) => {
        const experiment = await requireActiveExperiment(trx, id)
        if (experiment.name !== name) await refuseTakenName(trx, name)
        const updatedAt = clock.now()
        await updateExperiment(trx, id, { name, updated_at: updatedAt })
        return withTags(trx, { ...experiment, name, updatedAt })
      })
    },
    async deleteExperiment(id) {
      await db.transaction<TrackingTables, void>(async (trx) => {
        const experiment = await requireExperiment(trx, id)
        if (experiment.lifecycleStage === 'deleted') throw fail('experiment.not_found', { experiment: id })
        await moveExperiment(trx, id, 'deleted', clock.now())
      })
    },
    async restoreExperiment(id) {
      await db.transaction<TrackingTables, void>(async (trx) => {
        const experiment = await requireExperiment(trx, id)
        if (experiment.lifecycleStage === 'active') throw fail('experiment.not_found', { experiment: id })
        await moveExperiment(trx, id, 'active', clock.now())
      })
    },
    async setExperimentTags(id, tags, by = 'api') {
      checkExperiment({ tags })
      await db.transaction<TrackingTables, void>(async (trx) => {
        await requireActiveExperiment(trx, id)
        const at = clock.now()
        if (Object.hasOwn(tags, noteTag)) await recordExperimentNote(trx, id, tags[noteTag], { at, by })
        await setTags(trx, id, tags)
        await updateExperiment(trx, id, { updated_at: at })
      })
    },
    async deleteExperimentTag(id, key, by = 'api') {
      await db.transaction<TrackingTables, void>(async (trx) => {
        await requireActiveExperiment(trx, id)
        const at = clock.now()
        if (key === noteTag) await recordExperimentNote(trx, id, '', { at, by })
        if (!(await removeExperimentTag(trx, id, key))) {
          throw fail('experiment.tag_not_found', { experiment: id, key })
        }
        await updateExperiment(trx, id, { updated_at: at })
      })
    },
  }
}
