import type { GarbageReport } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatBytes } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface GcFlags extends ClientFlags {
  dryRun?: boolean
  olderThan: string
}

export function addGc(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('gc'))
    .description('remove for good what was deleted long ago, and what crashes and broken uploads left')
    .option('--dry-run', 'only count what would be removed')
    .option('--older-than <time>', 'deleted at least so long ago, such as 12h or 0d', '30d')
    .addHelpText(
      'after',
      `
Experiments, runs and logged models can be restored until then. What a version of a model names stays.
Bytes stay for a day after they were sent, or after the version that had them was removed.

Examples:
  millrace gc --dry-run
  millrace gc --older-than 7d`,
    )
    .action(async ({ dryRun = false, olderThan, ...flags }: GcFlags) => {
      const olderThanMs = parseAge(olderThan)
      const client = clientOf(flags, terminal)
      let total: GarbageReport | undefined
      do {
        const report = await client.garbage.collect({ dryRun, olderThanMs })
        total = total ? add(total, report) : report
      } while (!total.complete)
      terminal.out(flags.json ? jsonLine(total) : textOf(total))
    })
}

/** Counts add up; what is kept is met again each time. */
function add(sum: GarbageReport, next: GarbageReport): GarbageReport {
  const files = (a: { files: number; bytes: number }, b: typeof a) => ({
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
  })
  return {
    ...next,
    experiments: sum.experiments + next.experiments,
    runs: sum.runs + next.runs,
    loggedModels: sum.loggedModels + next.loggedModels,
    artifacts: files(sum.artifacts, next.artifacts),
    uploads: { ...files(sum.uploads, next.uploads), uploads: sum.uploads.uploads + next.uploads.uploads },
    orphans: files(sum.orphans, next.orphans),
    fileSets: files(sum.fileSets, next.fileSets),
    datasetVersions: sum.datasetVersions + next.datasetVersions,
    contents: files(sum.contents, next.contents),
    onlineTables: {
      tables: sum.onlineTables.tables + next.onlineTables.tables,
      keys: sum.onlineTables.keys + next.onlineTables.keys,
      busy: next.onlineTables.busy,
    },
    outside: sum.outside + next.outside,
  }
}

function textOf(report: GarbageReport): string {
  const { experiments, runs, loggedModels, artifacts, uploads, orphans, fileSets, kept, outside } = report
  const amount = ({ files, bytes }: { files: number; bytes: number }) =>
    `${files} files, ${formatBytes(bytes)}`
  const lines = [
    `${report.dryRun ? 'would remove' : 'removed'} ${experiments} experiments, ${runs} runs, ${loggedModels} logged models with ${amount(artifacts)}`,
    `${report.dryRun ? 'would remove' : 'removed'} ${uploads.uploads} abandoned uploads (${amount(uploads)}) and ${amount(orphans)} that nothing refers to`,
  ]
  if (fileSets.files > 0) {
    lines.push(
      `${report.dryRun ? 'would remove' : 'removed'} ${amount(fileSets)} that no version of a file set names`,
    )
  }
  if (report.datasetVersions > 0) {
    lines.push(
      `${report.dryRun ? 'would remove' : 'removed'} ${report.datasetVersions} versions of datasets that are not kept`,
    )
  }
  if (report.contents.files > 0) {
    lines.push(
      `${report.dryRun ? 'would remove' : 'removed'} ${amount(report.contents)} of datasets, training sets, models and code that nothing names`,
    )
  }
  if (report.onlineTables.tables > 0) {
    const { tables, keys } = report.onlineTables
    lines.push(
      `${report.dryRun ? 'would remove' : 'removed'} ${tables} tables of the online store with ${keys} keys, of versions of feature views that nothing reads`,
    )
  }
  if (report.onlineTables.busy > 0) {
    lines.push(
      `left ${report.onlineTables.busy} versions of feature views that are written at the moment: run it again later`,
    )
  }
  if (kept.runs + kept.loggedModels > 0) {
    lines.push(`kept ${kept.runs} runs and ${kept.loggedModels} logged models that versions of models need`)
  }
  if (outside > 0) lines.push(`left the files of ${outside} to the clients that keep them elsewhere`)
  return `${lines.join('\n')}\n`
}

function parseAge(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count === undefined) throw usageError(`--older-than takes a time such as 12h or 30d, got "${text}"`)
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd']
  return Number(count) * seconds * 1000
}
