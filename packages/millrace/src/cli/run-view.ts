import type { PipelineRunDetail, RunStep, StepState } from '@millrace/client'
import { formatBar, formatDuration } from './format.ts'
import type { Terminal } from './terminal.ts'

/** Shows a run while it goes on. */
export interface RunView {
  update(run: PipelineRunDetail): void
}

const marks: Record<StepState, string> = {
  pending: '·',
  running: '▶',
  succeeded: '✔',
  failed: '✖',
  skipped: '-',
  cancelled: '✖',
}

/** A tree that is redrawn on a terminal; a line for each change when piped. */
export function createRunView(terminal: Terminal): RunView {
  return terminal.columns === undefined
    ? createPlainView(terminal)
    : createTreeView(terminal, terminal.columns)
}

function createTreeView(terminal: Terminal, columns: number): RunView {
  let drawn = 0
  return {
    update(run) {
      const lines = renderTree(run, { now: terminal.now(), columns })
      const up = drawn > 0 ? `\u001b[${drawn}A` : ''
      terminal.err(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`)
      drawn = lines.length
    },
  }
}

const plainIntervalMs = 5000

function createPlainView(terminal: Terminal): RunView {
  const shown = new Map<string, { state: string; at: number; text: string }>()
  return {
    update(run) {
      const now = terminal.now()
      for (const step of run.steps) {
        const before = shown.get(step.node)
        const state = `${step.state} ${step.attempt}`
        const text = describe(step, now)
        const changed = before ? before.state !== state : step.state !== 'pending'
        const due =
          step.state === 'running' && before && text !== before.text && now - before.at >= plainIntervalMs
        if (!changed && !due) continue
        shown.set(step.node, { state, at: now, text })
        terminal.err(`${step.state.padEnd(9)} ${step.node}${text ? `  ${text}` : ''}\n`)
      }
    },
  }
}

/** The steps of a run as lines; a step is further in than those that it waits for. */
export function renderTree(run: PipelineRunDetail, view: { now: number; columns: number }): string[] {
  const depths = new Map<string, number>()
  for (const step of run.steps) {
    depths.set(step.node, Math.max(-1, ...step.needs.map((node) => depths.get(node) ?? 0)) + 1)
  }
  const names = run.steps.map(
    (step) => `${'  '.repeat(depths.get(step.node) ?? 0)}${marks[step.state]} ${step.node}`,
  )
  const width = Math.max(0, ...names.map((name) => name.length))
  return run.steps.map((step, i) => {
    const fraction = step.state === 'running' ? step.progress?.fraction : undefined
    const bar = fraction === undefined ? '' : `${formatBar(fraction, 16)} ${Math.round(fraction * 100)} %  `
    return `${(names[i] ?? '').padEnd(width)}  ${bar}${describe(step, view.now)}`
      .trimEnd()
      .slice(0, view.columns - 1)
  })
}

function describe(step: RunStep, now: number): string {
  const took = step.startedAt === null ? '' : formatDuration((step.finishedAt ?? now) - step.startedAt)
  const attempt = step.attempt > 1 ? `attempt ${step.attempt}` : ''
  const message = {
    pending: step.error ? `again soon: ${step.error.message}` : '',
    running: step.progress?.message ?? '',
    // What a gate said: a run can succeed without a release.
    succeeded: typeof step.outputs?.reason === 'string' ? step.outputs.reason : '',
    failed: step.error?.message ?? '',
    skipped: step.skipped ?? '',
    cancelled: '',
  }[step.state]
  return [took, attempt, message].filter(Boolean).join('  ')
}
