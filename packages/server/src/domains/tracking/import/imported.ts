import { fail } from '@millrace/protocol'
import type { LifecycleStage } from '../experiment.ts'
import type { DatasetInput, ModelOutput } from '../input.ts'
import type { LoggedModelStatus } from '../logged-model.ts'
import type { Metric } from '../metric.ts'
import type { Run, RunStatus } from '../run.ts'

/** An experiment as another tracking server has it. Its id is that server's matter: experiments are matched by name. */
export interface ImportedExperiment {
  name: string
  lifecycleStage: LifecycleStage
  /** Milliseconds; null = not known. */
  createdAt: number | null
  updatedAt: number | null
  tags: Record<string, string>
}

/** A run as another tracking server has it, with its own id, times and state, but without metrics. */
export interface ImportedRun {
  id: string
  /** Id of the experiment here. */
  experimentId: string
  name: string
  user: string
  status: RunStatus
  lifecycleStage: LifecycleStage
  startedAt: number
  endedAt: number | null
  deletedAt: number | null
  params: Record<string, string>
  tags: Record<string, string>
  inputs: DatasetInput[]
  modelInputs: string[]
  modelOutputs: ModelOutput[]
}

export interface ImportedModelMetric extends Metric {
  run: string
  dataset: { name: string; digest: string } | null
}

export interface ImportedLoggedModel {
  id: string
  experimentId: string
  name: string
  modelType: string | null
  sourceRun: string | null
  status: LoggedModelStatus
  statusMessage: string | null
  lifecycleStage: LifecycleStage
  createdAt: number
  updatedAt: number
  params: Record<string, string>
  tags: Record<string, string>
  metrics: ImportedModelMetric[]
}

/** What an import has done with a thing. */
export type ImportOutcome = 'created' | 'changed' | 'unchanged'

/**
 * Refuses what no reader could be given back. Limits of length are not applied: what another server has accepted is
 * history, and is kept as it is.
 * @throws `run.entry_invalid`
 */
export function checkImportedRun(run: ImportedRun): void {
  const refuse = (what: string, reason: string) => fail('run.entry_invalid', { run: run.id, what, reason })
  if (!/^[a-zA-Z0-9][\w-]{0,255}$/.test(run.id)) {
    throw refuse('the id', 'it has 1 to 256 letters, digits, "_" and "-" and begins with a letter or digit')
  }
  checkTexts({ name: run.name, user: run.user, ...run.params, ...run.tags }, (what, reason) =>
    refuse(what, reason),
  )
  checkTimes([run.startedAt, run.endedAt, run.deletedAt], refuse)
}

/** @throws `run.entry_invalid` */
export function checkImportedMetrics(run: string, metrics: readonly Metric[]): void {
  const refuse = (what: string, reason: string) => fail('run.entry_invalid', { run, what, reason })
  for (const { key, value, at, step } of metrics) {
    const what = `metric "${key.slice(0, 250)}"`
    if (key === '' || key.includes('\0') || !key.isWellFormed()) throw refuse(what, 'its name is no text')
    if (typeof value !== 'number') throw refuse(what, `${JSON.stringify(value)} is not a number`)
    if (!Number.isSafeInteger(at)) throw refuse(what, `its time ${at} is not milliseconds`)
    if (!Number.isSafeInteger(step)) throw refuse(what, `its step ${step} is not a whole number`)
  }
}

/** @throws `logged_model.entry_invalid` */
export function checkImportedModel(model: ImportedLoggedModel): void {
  const refuse = (what: string, reason: string) =>
    fail('logged_model.entry_invalid', { model: model.id, what, reason })
  if (!/^m-[\w-]{1,250}$/.test(model.id)) throw refuse('the id', 'it begins with "m-"')
  checkTexts({ name: model.name, ...model.params, ...model.tags }, refuse)
  checkTimes([model.createdAt, model.updatedAt], refuse)
  for (const metric of model.metrics) checkImportedMetrics(metric.run, [metric])
}

/** @throws `experiment.entry_invalid` */
export function checkImportedExperiment(experiment: ImportedExperiment): void {
  const refuse = (what: string, reason: string) =>
    fail('experiment.entry_invalid', { experiment: experiment.name.slice(0, 500), what, reason })
  if (experiment.name.trim() === '') throw refuse('its name', 'it is empty')
  checkTexts({ name: experiment.name, ...experiment.tags }, refuse)
  checkTimes([experiment.createdAt, experiment.updatedAt], refuse)
}

function checkTexts(texts: Record<string, string>, refuse: (what: string, reason: string) => Error): void {
  for (const [key, value] of Object.entries(texts)) {
    for (const text of [key, value]) {
      if (text.includes('\0') || !text.isWellFormed()) {
        throw refuse(`"${key.slice(0, 250)}"`, 'it holds characters that are not text')
      }
    }
  }
}

function checkTimes(
  times: readonly (number | null)[],
  refuse: (what: string, reason: string) => Error,
): void {
  for (const time of times) {
    if (time !== null && !(Number.isSafeInteger(time) && time >= 0)) {
      throw refuse('a time', `${time} is not milliseconds >= 0`)
    }
  }
}

/** The run's own row as it is to be. */
export function runOf(imported: ImportedRun, artifactUri: string): Run {
  const { params, tags, inputs, modelInputs, modelOutputs, ...run } = imported
  return { ...run, artifactUri }
}
