import type { CopyReport, Tally } from '../mlflow/move/report.ts'
import { formatDuration, formatTable } from './format.ts'
import type { Terminal } from './terminal.ts'

/** Differences that are listed one by one; of more only the number is told. */
const listed = 50

/** A table of both sides, then what was left out and what differs. */
export function formatCopyReport({ from, to, dryRun, counts, leftOut, differences }: CopyReport): string {
  const rows = counts
    .filter(({ found }) => found > 0)
    .map(({ what, found, written, verified }) => [
      what,
      number(found),
      ...(dryRun
        ? []
        : [isCounted(what) ? number(written) : '', number(verified ?? 0), verified === found ? '✔' : '✖']),
    ])
  const header = dryRun ? ['', 'to copy'] : ['', 'source', 'written now', 'the same there', '']
  const lines = [
    dryRun ? `${from}, nothing was copied\n\n` : `${from} → ${to}\n\n`,
    formatTable(header, rows),
  ]
  for (const { what, count, reason } of leftOut)
    lines.push(`\nnot copied: ${number(count)} ${what}: ${reason}\n`)
  if (differences.length > 0) lines.push(`\n${differences.length} differ:\n`)
  for (const { where, reason } of differences.slice(0, listed)) lines.push(`  ${where}: ${reason}\n`)
  if (differences.length > listed)
    lines.push(`  … and ${differences.length - listed} more (--json has all)\n`)
  if (!dryRun && differences.length === 0) lines.push('\nEverything is there as it was.\n')
  return lines.join('')
}

/** Entries are written with what they belong to, and not counted on their own. */
function isCounted(what: string): boolean {
  return !['parameters', 'tags', 'datasets'].includes(what)
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}

interface Progress {
  phase: 'copying' | 'comparing'
  done: number
  total: number
  tally: Tally
}

const intervalMs = 500
const pipedIntervalMs = 10_000

/** A line that is redrawn on a terminal, a line now and then when piped. */
export function createCopyProgress(terminal: Terminal) {
  const startedAt = terminal.now()
  const interval = terminal.columns === undefined ? pipedIntervalMs : intervalMs
  let shownAt = startedAt
  const isTty = terminal.columns !== undefined
  return {
    update({ phase, done, total, tally }: Progress) {
      const now = terminal.now()
      if (now - shownAt < interval) return
      shownAt = now
      const seconds = Math.max(0.001, (now - startedAt) / 1000)
      const counts = tally.snapshot()
      const points = counts.get('metric points')?.found ?? 0
      const bytes = counts.get('artifact bytes')?.found ?? 0
      const left = done > 0 && total > done ? (seconds / done) * (total - done) * 1000 : undefined
      const parts = [
        phase,
        `${number(done)} of ${number(Math.max(total, done))} runs and models`,
        `${number(points)} points (${number(Math.round(points / seconds))}/s)`,
        `${megabytes(bytes)} MB of artifacts (${megabytes(bytes / seconds)} MB/s)`,
        ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
      ]
      const text = parts.join('  ')
      terminal.err(isTty ? `\r\u001b[2K${text.slice(0, (terminal.columns ?? 80) - 1)}` : `${text}\n`)
    },
    end() {
      if (isTty) terminal.err('\r\u001b[2K')
    },
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
