import type { PipelineRunDetail, RunStep } from '@millrace/client'
import { describe, expect, it } from 'vitest'
import { createTestTerminal } from '../testing/terminal.ts'
import { createRunView, renderTree } from './run-view.ts'

const step = (node: string, given: Partial<RunStep>): RunStep => ({
  node,
  step: node,
  state: 'pending',
  attempt: 0,
  startedAt: null,
  finishedAt: null,
  progress: null,
  outputs: null,
  error: null,
  skipped: null,
  needs: [],
  attempts: [],
  ...given,
})
const run = (steps: RunStep[]): PipelineRunDetail => ({
  id: 'r',
  pipeline: 'p',
  definitionVersion: 'v',
  params: {},
  state: 'running',
  reason: null,
  startedBy: 'api',
  requestId: null,
  cancelRequested: false,
  startedAt: 0,
  finishedAt: null,
  steps,
})
const ingest = step('ingest', { state: 'succeeded', attempt: 1, startedAt: 0, finishedAt: 2100 })
const train = (fraction: number, attempt = 1) =>
  step('train', {
    state: 'running',
    attempt,
    startedAt: 3000,
    needs: ['ingest'],
    progress: { fraction, message: `${fraction * 60} of 60 trees` },
  })

describe('renderTree', () => {
  it('shows states, times, progress and reasons, each step further in than what it waits for', () => {
    const error = { code: 'step.failed', message: 'no rows', retryable: false }
    const steps = [
      ingest,
      train(0.5, 2),
      step('check', { state: 'failed', attempt: 1, startedAt: 0, finishedAt: 200, error }),
      step('release', { state: 'skipped', skipped: '"check" failed', needs: ['train', 'check'] }),
    ]
    expect(renderTree(run(steps), { now: 15_000, columns: 80 })).toEqual([
      '✔ ingest       2.1 s',
      '  ▶ train      ████████░░░░░░░░ 50 %  12 s  attempt 2  30 of 60 trees',
      '✖ check        0.2 s  no rows',
      '    - release  "check" failed',
    ])
  })

  it('cuts lines to the width of the terminal', () => {
    expect(renderTree(run([train(0.5)]), { now: 0, columns: 20 })[0]).toHaveLength(19)
  })
})

describe('createRunView', () => {
  it('draws over what it drew on a terminal', () => {
    const { terminal, written } = createTestTerminal({ columns: 80 })
    const view = createRunView(terminal)
    view.update(run([ingest, train(0)]))
    const first = written.err
    view.update(run([ingest, train(0.1)]))
    expect(first.split('\n')).toHaveLength(3)
    expect(written.err.slice(first.length).startsWith('\u001b[2A\u001b[2K✔ ingest')).toBe(true)
  })

  it('writes a line for each change when piped, and progress now and then', () => {
    const { terminal, written, advance } = createTestTerminal()
    const view = createRunView(terminal)
    view.update(run([ingest, step('train', {})]))
    view.update(run([ingest, train(0)]))
    advance(1000)
    view.update(run([ingest, train(0.1)]))
    advance(5000)
    view.update(run([ingest, train(0.2)]))
    expect(written.err.split('\n').map((line) => line.replace(/\s+/g, ' '))).toEqual([
      'succeeded ingest 2.1 s',
      'running train -3.0 s 0 of 60 trees',
      'running train 3.0 s 12 of 60 trees',
      '',
    ])
  })
})
