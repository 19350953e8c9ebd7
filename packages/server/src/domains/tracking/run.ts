import { fail } from '@millrace/protocol'
import type { Metric } from './metric.ts'

export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'

export interface Experiment {
  id: string
  name: string
  /** Milliseconds. */
  createdAt: number
}

/** One execution that is worth remembering: what went in, what was measured, what came out. */
export interface Run {
  id: string
  experimentId: string
  name: string
  status: RunStatus
  /** Milliseconds. */
  startedAt: number
  endedAt: number | null
}

export interface RunDetail extends Run {
  params: Record<string, string>
  tags: Record<string, string>
  /** The latest value of each metric. */
  metrics: Metric[]
}

export interface Artifact {
  path: string
  /** SHA-256 of the bytes. */
  digest: string
  size: number
  /** Milliseconds. */
  createdAt: number
}

export interface CreateRunInput {
  /** Name of the experiment; made if it does not exist. */
  experiment: string
  /** The same key gives the same run; one that had failed or was killed is running again. */
  key?: string
  name?: string
  tags?: Record<string, string>
}

export interface LogBatchInput {
  run: string
  params?: Record<string, string>
  metrics?: readonly Metric[]
  tags?: Record<string, string>
}

/** As MLflow's limits, so that everything can be read through its protocol. */
const limits = { key: 250, param: 6000, tag: 8000, name: 500, params: 1000, tags: 1000, metrics: 10_000 }

/**
 * Refuses names that are not usable as MLflow keys, values that are too long, and too many of them.
 * @throws `run.entry_invalid` naming the entry
 */
export function checkBatch({ run, params = {}, metrics = [], tags = {} }: LogBatchInput): void {
  const refuse = (what: string, reason: string) => fail('run.entry_invalid', { run, what, reason })
  for (const [kind, entries, longest] of [
    ['parameter', params, limits.param],
    ['tag', tags, limits.tag],
  ] as const) {
    const most = kind === 'tag' ? limits.tags : limits.params
    const count = Object.keys(entries).length
    if (count > most) throw refuse(`a batch with ${count} ${kind}s`, `at most ${most} are accepted at once`)
    for (const [key, value] of Object.entries(entries)) {
      const problem = keyProblem(key) ?? textProblem(value, longest)
      if (problem) throw refuse(`${kind} "${key.slice(0, limits.key)}"`, problem)
    }
  }
  if (metrics.length > limits.metrics) {
    throw refuse(
      `a batch with ${metrics.length} metric values`,
      `at most ${limits.metrics} are accepted at once`,
    )
  }
  for (const { key, value, at, step } of metrics) {
    const problem =
      keyProblem(key) ??
      (typeof value === 'number' ? undefined : `${JSON.stringify(value)} is not a number`) ??
      (Number.isSafeInteger(at) && at >= 0 ? undefined : `its time ${at} is not milliseconds >= 0`) ??
      (Number.isSafeInteger(step) ? undefined : `its step ${step} is not a whole number`)
    if (problem) throw refuse(`metric "${key.slice(0, limits.key)}"`, problem)
  }
}

/** @throws `run.entry_invalid` */
export function checkName(what: 'experiment' | 'run', name: string): void {
  const problem = name.trim() === '' ? 'it is empty' : textProblem(name, limits.name)
  if (problem) throw fail('run.entry_invalid', { run: '(new)', what: `the ${what} name`, reason: problem })
}

function keyProblem(key: string): string | undefined {
  if (key.length === 0 || key.length > limits.key) return `a name has 1 to ${limits.key} characters`
  if (!/^[\p{L}\p{N}_/.\- :]+$/u.test(key)) return 'a name has letters, digits, space and _ / . - : only'
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'a name has no empty part, "." or ".." between slashes'
  }
  return undefined
}

function textProblem(value: string, longest: number): string | undefined {
  if (typeof value !== 'string') return `${JSON.stringify(value)} is not a text`
  if (value.includes('\0') || !value.isWellFormed()) return 'it holds characters that are not text'
  return value.length > longest ? `it has ${value.length} characters, at most ${longest} fit` : undefined
}
