import { fail } from '@millrace/protocol'
import { checkExperiment } from './experiment.ts'
import type { LoggedMetric } from './metric.ts'
import { keyProblem, limits, nameProblem, textProblem, truncate } from './names.ts'
import {
  type CreateRunInput,
  type Entries,
  type LogBatchInput,
  runNameTag,
  runStatuses,
  type UpdateRunInput,
} from './run.ts'
import { groupProblem, runGroupTag } from './run-group.ts'

/** A checked batch: every key once, every value in its limits. */
export interface CheckedBatch {
  params: Map<string, string>
  tags: Map<string, string>
  metrics: readonly LoggedMetric[]
}

/**
 * Refuses names that are not usable as MLflow keys, values that are too long, and too many of them.
 * @throws `run.entry_invalid` naming the entry, `run.param_duplicate`
 */
export function checkBatch({
  run,
  params = [],
  metrics = [],
  tags = [],
  longValues,
}: LogBatchInput): CheckedBatch {
  const refuse = (what: string, reason: string) => fail('run.entry_invalid', { run, what, reason })
  const checked = (kind: 'parameter' | 'tag', given: Entries, longest: number) => {
    const entries = toPairs(given)
    const most = kind === 'tag' ? limits.tags : limits.params
    if (entries.length > most) {
      throw refuse(`a batch with ${entries.length} ${kind}s`, `at most ${most} are accepted at once`)
    }
    return entries.map(([key, value]): [string, string] => {
      const isText = typeof value === 'string'
      const kept = isText && longValues === 'truncate' ? truncate(value, longest) : value
      const problem = keyProblem(key) ?? textProblem(kept, longest)
      if (problem) throw refuse(`${kind} "${String(key).slice(0, limits.key)}"`, problem)
      return [key, kept]
    })
  }
  const paramEntries = checked('parameter', params, limits.param)
  const checkedParams = new Map(paramEntries)
  if (checkedParams.size < paramEntries.length) {
    const seen = new Set<string>()
    const repeated = new Set(
      paramEntries.map(([key]) => key).filter((key) => seen.size === seen.add(key).size),
    )
    throw fail('run.param_duplicate', { run, keys: [...repeated].map((key) => `"${key}"`).join(', ') })
  }
  const tagEntries = new Map(checked('tag', tags, limits.tag))
  const name = tagEntries.get(runNameTag)
  const nameIsWrong = name === undefined ? undefined : nameProblem(name)
  if (nameIsWrong) throw refuse(`tag "${runNameTag}"`, nameIsWrong)
  const group = tagEntries.get(runGroupTag)
  const groupIsWrong = group === undefined ? undefined : groupProblem(group)
  if (groupIsWrong) throw refuse(`tag "${runGroupTag}"`, groupIsWrong)
  if (metrics.length > limits.metrics) {
    throw refuse(
      `a batch with ${metrics.length} metric values`,
      `at most ${limits.metrics} are accepted at once`,
    )
  }
  let known = ''
  for (const metric of metrics) {
    const problem = (metric.key === known ? undefined : keyProblem(metric.key)) ?? metricProblem(metric)
    if (problem) throw refuse(`metric "${String(metric.key).slice(0, limits.key)}"`, problem)
    known = metric.key
  }
  return { params: checkedParams, tags: tagEntries, metrics }
}

function metricProblem({ value, at, step, model, dataset }: LoggedMetric): string | undefined {
  if (typeof value !== 'number') return `${JSON.stringify(value)} is not a number`
  if (!Number.isSafeInteger(at) || at < 0) return `its time ${at} is not milliseconds >= 0`
  if (!Number.isSafeInteger(step)) return `its step ${step} is not a whole number`
  if (model === undefined) return dataset && 'a dataset is named by metrics of a model only'
  return (
    textProblem(model, limits.key) ??
    (dataset &&
      (textProblem(dataset.name, limits.datasetName) ?? textProblem(dataset.digest, limits.datasetDigest)))
  )
}

/** @throws `run.entry_invalid`, also if name and tag differ; `experiment.entry_invalid` */
export function checkNewRun(input: CreateRunInput, tags: Map<string, string>): void {
  const run = input.id ?? '(new)'
  const refuse = (what: string, reason: string) => fail('run.entry_invalid', { run, what, reason })
  const tagged = tags.get(runNameTag)
  if (input.name !== undefined) {
    const problem = nameProblem(input.name)
    if (problem) throw refuse('the run name', problem)
    if (tagged !== undefined && tagged !== input.name) {
      throw refuse(
        'the run name',
        `it is "${input.name}" and the tag "${runNameTag}" is "${tagged}"; give one`,
      )
    }
  }
  if (input.group !== undefined) {
    checkGroup(run, input.group)
    const grouped = tags.get(runGroupTag)
    if (grouped !== undefined && grouped !== input.group) {
      throw refuse(
        'the group',
        `it is "${input.group}" and the tag "${runGroupTag}" is "${grouped}"; give one`,
      )
    }
  }
  const userProblem = textProblem(input.user ?? '', limits.user)
  if (userProblem) throw refuse('the user', userProblem)
  if (input.id !== undefined && !/^[a-zA-Z0-9][\w-]{0,255}$/.test(input.id)) {
    throw refuse('the id', 'it has 1 to 256 letters, digits, "_" and "-" and begins with a letter or digit')
  }
  checkTime(run, 'the start', input.startedAt)
  checkStatus(run, input.status)
  if (input.experiment !== undefined) checkExperiment({ name: input.experiment })
}

/** @throws `run.entry_invalid` */
export function checkUpdate(run: string, { status, endedAt, name, group }: UpdateRunInput): void {
  if (typeof group === 'string') checkGroup(run, group)
  checkStatus(run, status)
  checkTime(run, 'the end', endedAt)
  const problem = name === undefined ? undefined : nameProblem(name)
  if (problem) throw fail('run.entry_invalid', { run, what: 'the run name', reason: problem })
}

function checkGroup(run: string, group: string): void {
  const problem = groupProblem(group)
  if (problem) throw fail('run.entry_invalid', { run, what: 'the group', reason: problem })
}

function checkStatus(run: string, status: string | undefined): void {
  if (status === undefined || runStatuses.some((known) => known === status)) return
  throw fail('run.entry_invalid', {
    run,
    what: `status "${status}"`,
    reason: `it is one of ${runStatuses.join(', ')}`,
  })
}

function checkTime(run: string, what: string, time: number | undefined): void {
  if (time === undefined || (Number.isSafeInteger(time) && time >= 0)) return
  throw fail('run.entry_invalid', { run, what, reason: `${time} is not milliseconds >= 0` })
}

function toPairs(entries: Entries): [string, string][] {
  if (!Array.isArray(entries)) return Object.entries(entries as Record<string, string>)
  return entries.map(({ key, value }: { key: string; value: string }) => [key, value])
}
