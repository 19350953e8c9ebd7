import type { FileSetDiff, FileSetVersion, VersionDiff } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { parseDataRef } from '../data-ref.ts'
import { formatBytes, formatTable, formatTime } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface LimitFlags extends ClientFlags {
  limit: string
}

/** Commands that look at versions and change nothing. */
export function addDataLooks(data: Command, terminal: Terminal): void {
  withClientOptions(data.command('ls'))
    .description('list file sets, or the files of a version')
    .argument('[name[@version]]', 'files of this one')
    .option('--limit <count>', 'at most so many', '100')
    .action(async (which: string | undefined, { limit, ...flags }: LimitFlags) => {
      const { fileSets } = clientOf(flags, terminal)
      if (which === undefined) {
        const { items } = await fileSets.list({ limit: Math.min(1000, countOf(limit)) })
        const rows = items.map(({ name, versions, latest }) => [
          name,
          String(versions),
          ...columnsOf(latest).slice(0, 4),
        ])
        const header = ['name', 'versions', 'latest', 'files', 'bytes', 'added']
        terminal.out(flags.json ? jsonLine(items) : tableOf(header, rows, 'no file sets'))
        return
      }
      const { fileSet, version } = parseDataRef(which)
      const { items } = await fileSets.files(fileSet, version, { limit: countOf(limit) })
      const rows = items.map(({ path, size, digest }) => [digest.slice(0, 12), formatBytes(size), path])
      terminal.out(flags.json ? jsonLine(items) : tableOf(['digest', 'bytes', 'path'], rows, 'no files'))
    })

  withClientOptions(data.command('log'))
    .description('list the versions of a file set, latest first')
    .argument('<name>')
    .option('--limit <count>', 'at most so many', '20')
    .action(async (fileSet: string, { limit, ...flags }: LimitFlags) => {
      const { items } = await clientOf(flags, terminal).fileSets.versions(fileSet, {
        limit: Math.min(1000, countOf(limit)),
      })
      const header = ['version', 'files', 'bytes', 'added', 'message']
      terminal.out(flags.json ? jsonLine(items) : tableOf(header, items.map(columnsOf), 'no versions'))
    })

  withClientOptions(data.command('show'))
    .description('show a version')
    .argument('<name[@version]>')
    .action(async (which: string, flags: ClientFlags) => {
      const { fileSet, version } = parseDataRef(which)
      const found = await clientOf(flags, terminal).fileSets.version(fileSet, version)
      terminal.out(flags.json ? jsonLine(found) : describe(found))
    })

  withClientOptions(data.command('diff'))
    .description('compare two versions of a file set, or of a dataset')
    .argument('<name@version>', 'the older one')
    .argument('[version]', 'the newer one', 'latest')
    .option('--limit <count>', 'list at most so many files', '100')
    .option('--dataset', 'the name is that of a dataset')
    .option('--key <columns>', 'columns that name a row of the dataset, by comma')
    .addHelpText(
      'after',
      `
Examples:
  millrace data diff photos@3f2a latest
  millrace data diff orders@0a1b2c3d4e5f6071 --dataset --key id`,
    )
    .action(async (which: string, to: string, { limit, dataset, key, ...flags }: DiffFlags) => {
      const { fileSet: name, version: from } = parseDataRef(which)
      if (key !== undefined && !dataset) throw usageError('--key is for datasets: add --dataset')
      const { fileSets, datasets } = clientOf(flags, terminal)
      if (dataset) {
        const diff = await datasets.diff(name, { from, to, key: key?.split(',') })
        terminal.out(flags.json ? jsonLine(diff) : datasetDiffText(diff))
      } else {
        const diff = await fileSets.diff(name, { from, to, limit: countOf(limit) })
        terminal.out(flags.json ? jsonLine(diff) : diffText(diff))
      }
    })
}

interface DiffFlags extends LimitFlags {
  dataset?: boolean
  key?: string
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return count
  throw usageError(`--limit takes a number from 1 to 10000, got "${text}"`)
}

function columnsOf({ version, files, bytes, addedAt, message }: FileSetVersion): string[] {
  return [version, String(files), formatBytes(bytes), formatTime(addedAt), message ?? '']
}

function tableOf(header: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  return rows.length === 0 ? `${none}\n` : formatTable(header, rows)
}

function describe({ fileSet, version, files, bytes, message, createdAt, addedAt }: FileSetVersion): string {
  const again = addedAt > createdAt ? `, added again ${formatTime(addedAt)}` : ''
  return `${fileSet}@${version}\n${files} files, ${formatBytes(bytes)}, made ${formatTime(createdAt)}${again}\n${message ? `${message}\n` : ''}`
}

const signs = { added: '+', removed: '-', changed: '~' }

function diffText({ fileSet, from, to, added, removed, changed, items, nextPageToken }: FileSetDiff): string {
  const lines = items.map(({ path, change }) => `${signs[change]} ${path}\n`).join('')
  const more = nextPageToken === undefined ? '' : '… (--limit or --json for more)\n'
  const counts = `${added.files} added (${formatBytes(added.bytes)}), ${removed.files} removed (${formatBytes(removed.bytes)}), ${changed.files} changed`
  return `${lines}${more}${fileSet} ${from} → ${to}: ${counts}\n`
}

function datasetDiffText({ dataset, from, to, schema, rows, columns }: VersionDiff): string {
  const changes = [
    ...schema.added.map(({ column, type }) => `+ ${column} ${type}`),
    ...schema.removed.map(({ column, type }) => `- ${column} ${type}`),
    ...schema.changed.map((one) => `~ ${one.column} ${one.from} → ${one.to}`),
  ]
  const changed = rows.changed === undefined ? '' : `, ${rows.changed} changed`
  const moved = columns.map(({ column, psi, nulls }) => [
    column,
    psi.toFixed(4),
    `${nulls.from} → ${nulls.to}`,
  ])
  return `${changes.map((line) => `${line}\n`).join('')}${dataset} ${from} → ${to}: ${rows.from} → ${rows.to} rows, ${rows.added} added, ${rows.removed} removed${changed}
${formatTable(['column', 'psi', 'nulls'], moved)}`
}
