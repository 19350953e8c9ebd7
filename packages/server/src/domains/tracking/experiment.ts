import { fail } from '@millrace/protocol'
import type { Page, PageInput } from '../../kernel/paging.ts'
import { keyProblem, limits, nameProblem, textProblem } from './names.ts'

export type LifecycleStage = 'active' | 'deleted'
/** Which of active and deleted things are meant. */
export type View = 'active' | 'deleted' | 'all'

/** A named group of runs. */
export interface Experiment {
  /** A decimal number; "0" is `Default`. */
  id: string
  name: string
  /** URI of the folder beneath which its runs keep artifacts. */
  artifactLocation: string
  lifecycleStage: LifecycleStage
  /** Milliseconds. */
  createdAt: number
  updatedAt: number
  deletedAt: number | null
  tags: Record<string, string>
}

export interface CreateExperimentInput {
  name: string
  /** `<artifact root>/<id>` by default. */
  artifactLocation?: string
  tags?: Record<string, string>
}

/** Names are unique, those of deleted experiments included. */
export interface ExperimentService {
  /**
   * Moves the experiment `Default`, which is older than any setting, to the artifact root, as long as it has neither
   * runs nor models.
   */
  placeDefaultExperiment(): Promise<void>
  /** @throws `experiment.exists` naming its state, `experiment.entry_invalid` */
  createExperiment(input: CreateExperimentInput): Promise<Experiment>
  /** @throws `experiment.deleted` if the name is that of a deleted one */
  getOrCreateExperiment(name: string): Promise<Experiment>
  /** Deleted ones too. @throws `experiment.not_found` */
  getExperiment(id: string): Promise<Experiment>
  /** Deleted ones too. @throws `experiment.not_found` */
  getExperimentByName(name: string): Promise<Experiment>
  /** Newest first; the active ones unless `view` says otherwise. */
  listExperiments(page?: PageInput & { view?: View }): Promise<Page<Experiment>>
  /** @throws `experiment.not_found`, `experiment.deleted`, `experiment.exists`, `experiment.entry_invalid` */
  renameExperiment(id: string, name: string): Promise<Experiment>
  /** Deletes it with its runs, restorably. @throws `experiment.not_found`, also for a deleted one */
  deleteExperiment(id: string): Promise<void>
  /** Restores it with all its runs. @throws `experiment.not_found`, also for an active one */
  restoreExperiment(id: string): Promise<void>
  /**
   * @param by who edits the note, if it is among them
   * @throws `experiment.not_found`, `experiment.deleted`, `experiment.entry_invalid`
   */
  setExperimentTags(id: string, tags: Record<string, string>, by?: string): Promise<void>
  /** @throws `experiment.not_found`, `experiment.deleted`, `experiment.tag_not_found` */
  deleteExperimentTag(id: string, key: string, by?: string): Promise<void>
}

/** @throws `experiment.entry_invalid` */
export function checkExperiment({ name, artifactLocation, tags = {} }: Partial<CreateExperimentInput>): void {
  const experiment = name ?? '(existing)'
  const refuse = (what: string, reason: string) =>
    fail('experiment.entry_invalid', { experiment: experiment.slice(0, limits.name), what, reason })
  if (name !== undefined) {
    const problem = nameProblem(name)
    if (problem) throw refuse('its name', problem)
  }
  if (artifactLocation !== undefined) {
    const problem = locationProblem(artifactLocation)
    if (problem) throw refuse(`artifact location "${artifactLocation.slice(0, 200)}"`, problem)
  }
  for (const [key, value] of Object.entries(tags)) {
    const problem = keyProblem(key) ?? textProblem(value, limits.experimentTag)
    if (problem) throw refuse(`tag "${key.slice(0, limits.key)}"`, problem)
  }
}

function locationProblem(location: string): string | undefined {
  const problem = location === '' ? 'it is empty' : textProblem(location, limits.location)
  if (problem) return problem
  if (/^runs:/i.test(location)) return 'it names a run; give the URI of a folder'
  if (/[#;?]/.test(location)) return 'it has a fragment, parameters or a query'
  return undefined
}
