import { fail } from '@millrace/protocol'
import type { TrackingDeps } from './deps.ts'
import type { CreateExperimentInput, Experiment } from './experiment.ts'
import { addExperiment, findExperiment, listExperimentTags } from './experiment-store.ts'
import type { Db } from './tables.ts'

export type ExperimentDeps = Pick<TrackingDeps, 'db' | 'clock' | 'artifactRoot'>
type Found = Omit<Experiment, 'tags'>

/** What writes experiments within a transaction of the caller. */
export function experimentWriter({ db, clock, artifactRoot: root = 'mlflow-artifacts:/' }: ExperimentDeps) {
  const folderOf = (id: string) => `${root}${root.endsWith('/') ? '' : '/'}${id}`

  async function setTags(trx: Db, id: string, tags: Record<string, string>): Promise<void> {
    await db.insertMany(trx, {
      table: 'experiment_tags',
      columns: { experiment_id: 'bigint', key: 'text', value: 'text' },
      rows: Object.entries(tags).map(([key, value]) => [Number(id), key, value]),
      key: ['experiment_id', 'key'],
      update: { value: 'excluded.value' },
    })
  }

  async function add(trx: Db, { name, artifactLocation, tags = {} }: CreateExperimentInput) {
    const location = (id: string) => artifactLocation ?? folderOf(id)
    const experiment = await addExperiment(trx, { name, location, now: clock.now() })
    await setTags(trx, experiment.id, tags)
    return withTags(trx, experiment)
  }

  async function ensure(trx: Db, name: string): Promise<Experiment> {
    const existing = await findExperiment(trx, { name })
    if (existing?.lifecycleStage === 'deleted') throw fail('experiment.deleted', { experiment: name })
    return existing ? withTags(trx, existing) : add(trx, { name })
  }

  return { add, ensure, folderOf, setTags }
}

export async function withTags(from: Db, experiment: Found): Promise<Experiment> {
  return { ...experiment, tags: (await listExperimentTags(from, [experiment.id])).get(experiment.id) ?? {} }
}

export async function requireExperiment(db: Db, id: string): Promise<Found> {
  const found = await findExperiment(db, { id })
  if (!found) throw fail('experiment.not_found', { experiment: id })
  return found
}

export async function requireActiveExperiment(db: Db, id: string): Promise<Found> {
  const found = await requireExperiment(db, id)
  if (found.lifecycleStage === 'deleted') throw fail('experiment.deleted', { experiment: id })
  return found
}

export async function refuseTakenName(db: Db, name: string): Promise<void> {
  const taken = await findExperiment(db, { name })
  if (taken) throw fail('experiment.exists', { name, state: taken.lifecycleStage })
}
