import { comparable } from '../point-digest.ts'
import { pointIdentity } from '../sources/distinct-points.ts'
import type {
  MlflowSource,
  StoredExperiment,
  StoredLoggedModel,
  StoredModelVersion,
  StoredRun,
} from '../store.ts'
import { placeOf } from './move-registry.ts'
import { attempts, type MoveContext } from './move-runs.ts'

/**
 * Compares source and target, thing by thing, as MLflow's protocol shows them. Metrics and artifacts were compared by
 * digest when they were copied. What has been added on the target since (tags, aliases, other runs) is no difference.
 */
export async function verifyMove(
  there: MlflowSource,
  { source, tally, places }: MoveContext,
  selected: { experiments: readonly StoredExperiment[]; models: readonly string[] },
): Promise<void> {
  const attempt = attempts(tally)
  const targets = new Map<string, StoredExperiment>()
  for await (const experiment of there.listExperiments()) targets.set(experiment.name, experiment)
  for (const experiment of selected.experiments) {
    const where = `experiment "${experiment.name}"`
    const target = targets.get(experiment.name)
    if (!target) {
      tally.differ(where, 'it is not there')
      continue
    }
    check(where, problemOfExperiment(experiment, target), () => {
      tally.verified('experiments')
      tally.verified('tags', Object.keys(experiment.tags).length)
    })
    await attempt(where, () => verifyRuns(experiment, target))
    await attempt(where, () => verifyLoggedModels(experiment, target))
  }
  await attempt('the registry', verifyRegistry)

  function check(where: string, problem: string | undefined, same: () => void): void {
    if (problem === undefined) same()
    else tally.differ(where, problem)
  }

  async function verifyRuns(experiment: StoredExperiment, target: StoredExperiment): Promise<void> {
    const runs = new Map<string, StoredRun>()
    for await (const run of there.listRuns(target)) runs.set(run.id, run)
    for await (const run of source.listRuns(experiment)) {
      check(`run ${run.id}`, problemOfRun(run, runs.get(run.id)), () => {
        tally.verified('runs')
        tally.verified('parameters', Object.keys(run.params).length)
        tally.verified('tags', Object.keys(run.tags).length)
        tally.verified('datasets', run.datasets.length)
      })
    }
  }

  async function verifyLoggedModels(experiment: StoredExperiment, target: StoredExperiment): Promise<void> {
    const models = new Map<string, StoredLoggedModel>()
    for await (const model of there.listLoggedModels(target)) models.set(model.id, model)
    for await (const model of source.listLoggedModels(experiment)) {
      check(`logged model ${model.id}`, problemOfModel(model, models.get(model.id)), () => {
        tally.verified('logged models')
        tally.verified('parameters', Object.keys(model.params).length)
        tally.verified('tags', Object.keys(model.tags).length)
      })
    }
  }

  async function verifyRegistry(): Promise<void> {
    const wanted = new Set(selected.models)
    const models = new Map<string, Record<string, number>>()
    for await (const { name, aliases } of there.listRegisteredModels()) models.set(name, aliases)
    for await (const model of source.listRegisteredModels()) {
      if (!wanted.has(model.name)) continue
      const where = `model "${model.name}"`
      const aliases = models.get(model.name)
      check(where, aliases === undefined ? 'it is not there' : undefined, () => {
        tally.verified('registered models')
        tally.verified('tags', Object.keys(model.tags).length)
      })
      const versions = new Map<number, StoredModelVersion>()
      for await (const version of there.listModelVersions(model.name)) versions.set(version.version, version)
      const compared = new Set<number>()
      for await (const version of source.listModelVersions(model.name)) {
        const place = placeOf(version, places.find)
        // What could not be placed was named when it was to be copied.
        if (place === undefined) continue
        compared.add(version.version)
        const found = versions.get(version.version)
        check(
          `version ${version.version} of ${where}`,
          problemOfVersion({ ...version, source: place }, found),
          () => {
            tally.verified('model versions')
            tally.verified('tags', Object.keys(version.tags).length)
          },
        )
      }
      for (const [alias, version] of Object.entries(model.aliases)) {
        if (!compared.has(version)) continue
        const now = aliases?.[alias]
        const problem =
          now === version ? undefined : `it points at version ${now ?? 'none'} there, not ${version}`
        check(`alias "${alias}" of ${where}`, problem, () => tally.verified('aliases'))
      }
    }
  }
}

function problemOfExperiment(here: StoredExperiment, there: StoredExperiment): string | undefined {
  if (here.lifecycle === 'active' && there.lifecycle !== 'active') return 'it is deleted there'
  return problemOfEntries('tag', here.tags, there.tags)
}

function problemOfRun(here: StoredRun, there: StoredRun | undefined): string | undefined {
  if (!there) return 'it is not there'
  const fields = ['name', 'status', 'endedAt', 'lifecycle'] as const
  const different = fields.find((field) => here[field] !== there[field])
  if (different) return `${different} is ${there[different]} there, not ${here[different]}`
  if (here.startedAt !== null && here.startedAt !== there.startedAt) {
    return `it began at ${there.startedAt} there, not ${here.startedAt}`
  }
  const datasets = new Set(there.datasets.map(({ name, digest }) => `${name}\0${digest}`))
  const missing = here.datasets.find(({ name, digest }) => !datasets.has(`${name}\0${digest}`))
  if (missing) return `its dataset ${missing.name} is not there`
  const inputs = here.modelInputs.find((model) => !there.modelInputs.includes(model))
  if (inputs) return `its input ${inputs} is not there`
  const output = here.modelOutputs.find(({ model }) => !there.modelOutputs.some((one) => one.model === model))
  if (output) return `its output ${output.model} is not there`
  return (
    problemOfEntries('parameter', here.params, there.params) ?? problemOfEntries('tag', here.tags, there.tags)
  )
}

function problemOfModel(here: StoredLoggedModel, there: StoredLoggedModel | undefined): string | undefined {
  if (!there) return 'it is not there'
  const fields = ['name', 'type', 'sourceRun', 'status', 'createdAt', 'lifecycle'] as const
  const different = fields.find((field) => (here[field] || null) !== (there[field] || null))
  if (different) return `${different} is ${there[different]} there, not ${here[different]}`
  const metrics = new Set(there.metrics.map((metric) => pointIdentity(comparable(metric))))
  const missing = here.metrics.find((metric) => !metrics.has(pointIdentity(comparable(metric))))
  if (missing) return `its metric ${missing.key} is not there`
  return (
    problemOfEntries('parameter', here.params, there.params) ?? problemOfEntries('tag', here.tags, there.tags)
  )
}

function problemOfVersion(
  here: StoredModelVersion,
  there: StoredModelVersion | undefined,
): string | undefined {
  if (!there) return 'it is not there'
  const fields = ['source', 'stage', 'run', 'description', 'createdAt', 'updatedAt'] as const
  const different = fields.find((field) => (here[field] || null) !== (there[field] || null))
  if (different) return `${different} is ${there[different]} there, not ${here[different]}`
  return problemOfEntries('tag', here.tags, there.tags)
}

function problemOfEntries(
  kind: string,
  here: Record<string, string>,
  there: Record<string, string>,
): string | undefined {
  const key = Object.keys(here).find((one) => there[one] !== here[one])
  return key === undefined
    ? undefined
    : `its ${kind} "${key}" ${key in there ? 'is another' : 'is not there'}`
}
