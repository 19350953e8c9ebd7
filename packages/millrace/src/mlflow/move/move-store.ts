import { fail } from '@millrace/protocol/errors'
import type { MlflowSource, StoredExperiment } from '../store.ts'
import { moveRegistry } from './move-registry.ts'
import { attempts, type MoveContext, type MovedExperiment, moveExperiment } from './move-runs.ts'
import { createPlaces } from './places.ts'
import { type CopyReport, createTally, type Tally } from './report.ts'
import type { MoveTarget } from './target.ts'
import { verifyMove } from './verify.ts'

export interface MoveOptions {
  source: MlflowSource
  /** Undefined = only counts what there is to copy. */
  target: MoveTarget | undefined
  /** Reads the target, to compare it with the source. */
  there: MlflowSource | undefined
  /** Names of experiments; all without it. */
  experiments?: readonly string[]
  onProgress?(progress: MoveProgress): void
}

export interface MoveProgress {
  phase: 'copying' | 'comparing'
  /** Runs and logged models that were dealt with, and how many there are. */
  done: number
  total: number
  tally: Tally
}

/**
 * Copies everything of one store into another and compares both afterwards. Safe to interrupt and to
 * repeat: what is there already is not copied again.
 * @returns what was copied, left out, and what differs
 * @throws `mlflow.source_not_found` for names of experiments that are not there; `mlflow.unavailable`, and
 * `mlflow.refused` for a wrong token
 */
export async function moveStore(options: MoveOptions): Promise<CopyReport> {
  const { source, target, there } = options
  const tally = createTally()
  let done = 0
  let total = 0
  let phase: MoveProgress['phase'] = 'copying'
  const onProgress = () => {
    done++
    options.onProgress?.({ phase, done, total, tally })
  }
  const context: MoveContext = { source, target, tally, places: createPlaces(), onProgress }
  const experiments = await selectExperiments(source, options.experiments)
  if (options.onProgress) for (const one of experiments) total += await source.countRuns(one)

  const imported: MovedExperiment[] = []
  for (const experiment of experiments) {
    const one = await moveExperiment(experiment, context)
    if (one) imported.push(one)
  }
  const models = await moveRegistry(context, selectionOf(context, imported, options.experiments))
  for (const leftOut of await source.listLeftOut(experiments)) tally.leaveOut(leftOut)

  if (target && there) {
    // To be registered has left a tag on logged models.
    for (const { id, loggedModels } of imported) {
      for (const model of loggedModels) {
        await attempts(tally)(`logged model ${model.id}`, () => target.putLoggedModel(model, id))
      }
    }
    phase = 'comparing'
    options.onProgress?.({ phase, done, total, tally })
    await verifyMove(there, context, { experiments, models })
  }
  for (const { where, reason } of source.listProblems()) tally.differ(where, reason)
  return tally.report(source.label, target?.label ?? '(dry run)', target === undefined)
}

async function selectExperiments(
  source: MlflowSource,
  names: readonly string[] | undefined,
): Promise<StoredExperiment[]> {
  const all: StoredExperiment[] = []
  for await (const experiment of source.listExperiments()) all.push(experiment)
  if (!names) return all
  const missing = names.find((name) => !all.some((experiment) => experiment.name === name))
  if (missing !== undefined) {
    const reason = `it has no experiment "${missing}".`
    throw fail('mlflow.source_not_found', { source: source.label, reason })
  }
  return all.filter(({ name }) => names.includes(name))
}

function selectionOf(
  { places }: MoveContext,
  imported: readonly MovedExperiment[],
  names: readonly string[] | undefined,
) {
  const models = new Set(imported.flatMap(({ loggedModels }) => loggedModels.map(({ id }) => id)))
  return {
    all: names === undefined,
    includes: (version: { source: string | null; loggedModel: string | null }) =>
      names === undefined ||
      (version.loggedModel !== null && models.has(version.loggedModel)) ||
      places.find(version.source ?? '') !== undefined,
  }
}
