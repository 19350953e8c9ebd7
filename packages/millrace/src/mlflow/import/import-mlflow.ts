import { fail } from '@millrace/protocol'
import { createRestSource } from '../sources/rest.ts'
import type { RestClient } from '../sources/rest-client.ts'
import type { MlflowSource, StoredExperiment } from '../store.ts'
import { importRegistry } from './import-registry.ts'
import { attempts, type ImportContext, type ImportedExperiment, importExperiment } from './import-runs.ts'
import { createMillraceTarget } from './millrace.ts'
import { createPlaces } from './places.ts'
import { type CopyReport, createTally, type Tally } from './report.ts'
import { verifyImport } from './verify.ts'

export interface ImportOptions {
  source: MlflowSource
  /** The Millrace server. */
  client: RestClient
  /** Names of experiments; all without it. */
  experiments?: readonly string[]
  /** Only counts what there is to copy. */
  dryRun?: boolean
  onProgress?(progress: ImportProgress): void
}

export interface ImportProgress {
  phase: 'copying' | 'comparing'
  /** Runs and logged models that were dealt with, and how many there are. */
  done: number
  total: number
  tally: Tally
}

/**
 * Copies everything of an MLflow store into a Millrace server and compares both afterwards. Safe to interrupt and to
 * repeat: what is there already is not copied again.
 * @returns what was copied, left out, and what differs
 * @throws `mlflow.source_not_found` for names of experiments that are not there; `mlflow.unavailable`, and
 * `mlflow.refused` for a wrong token
 */
export async function importMlflow(options: ImportOptions): Promise<CopyReport> {
  const { source, client, dryRun = false } = options
  const tally = createTally()
  let done = 0
  let total = 0
  let phase: ImportProgress['phase'] = 'copying'
  const onProgress = () => {
    done++
    options.onProgress?.({ phase, done, total, tally })
  }
  const target = dryRun ? undefined : createMillraceTarget(client)
  const context: ImportContext = { source, target, tally, places: createPlaces(), onProgress }
  const experiments = await selectExperiments(source, options.experiments)
  if (options.onProgress) for (const one of experiments) total += await source.countRuns(one)

  const imported: ImportedExperiment[] = []
  for (const experiment of experiments) {
    const one = await importExperiment(experiment, context)
    if (one) imported.push(one)
  }
  const models = await importRegistry(context, selectionOf(context, imported, options.experiments))
  for (const leftOut of await source.listLeftOut(experiments)) tally.leaveOut(leftOut)

  if (target) {
    // To be registered has left a tag on logged models.
    for (const { id, loggedModels } of imported) {
      for (const model of loggedModels) {
        await attempts(tally)(`logged model ${model.id}`, () => target.putLoggedModel(model, id))
      }
    }
    phase = 'comparing'
    options.onProgress?.({ phase, done, total, tally })
    await verifyImport(createRestSource(client), context, { experiments, models })
  }
  return tally.report(source.label, dryRun ? '(dry run)' : client.url, dryRun)
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
  { places }: ImportContext,
  imported: readonly ImportedExperiment[],
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
