import type { Client, DatasetVersionUse } from '@millrace/client'
import type { Command } from 'commander'
import { clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { type DataKind, type KindFlags, kindOf, withKindOptions } from '../data-kind.ts'
import { parseRef } from '../data-ref.ts'
import { datasetDiffText, datasetLogText, datasetVersionText } from '../dataset-text.ts'
import { fileSetCells, fileSetDiffText, fileSetVersionText } from '../file-set-text.ts'
import { formatBytes, formatTable, formatTime } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface LimitFlags extends KindFlags {
  limit: string
}

interface DiffFlags extends LimitFlags {
  key?: string
}

/** Calls to the server that are under way at once. */
const askedAtOnce = 8

const withOptions = (command: Command) => withKindOptions(withClientOptions(command))

/** Commands that look at versions and change nothing. */
export function addDataLooks(data: Command, terminal: Terminal): void {
  withOptions(data.command('ls'))
    .description(
      'list datasets and file sets, or what a version has: parts of a dataset, files of a file set',
    )
    .argument('[name[@version]]', 'of this one; latest without a version')
    .option('--limit <count>', 'at most so many', '100')
    .action(async (which: string | undefined, { limit, ...flags }: LimitFlags) => {
      const client = clientOf(flags, terminal)
      const count = countOf(limit)
      if (which === undefined) {
        const found = await listAll(client, count, flags)
        const header = ['name', 'kind', 'versions', 'latest', 'has', 'bytes', 'made']
        const rows = found.map(({ name, kind, versions, latest }) => [
          name,
          kind === 'dataset' ? kind : 'file set',
          String(versions),
          latest.version,
          'files' in latest ? `${latest.files} files` : `${latest.rows} rows`,
          formatBytes(latest.bytes),
          formatTime('files' in latest ? latest.addedAt : latest.createdAt),
        ])
        terminal.out(flags.json ? jsonLine(found) : tableOf(header, rows, 'no datasets and no file sets'))
        return
      }
      const { name, version } = parseRef(which)
      if ((await kindOf(client, name, flags)) === 'dataset') {
        const { items } = await client.datasets.parts(name, version, { limit: Math.min(1000, count) })
        const rows = items.map(({ digest, rows, bytes, minTime, maxTime }, i) => [
          String(i),
          digest.slice(0, 12),
          String(rows),
          formatBytes(bytes),
          minTime === undefined ? '' : formatTime(minTime),
          maxTime === undefined ? '' : formatTime(maxTime),
        ])
        const header = ['part', 'digest', 'rows', 'bytes', 'first event', 'last event']
        terminal.out(flags.json ? jsonLine(items) : tableOf(header, rows, 'no parts'))
        return
      }
      const { items } = await client.fileSets.files(name, version, { limit: count })
      const rows = items.map(({ path, size, digest }) => [digest.slice(0, 12), formatBytes(size), path])
      terminal.out(flags.json ? jsonLine(items) : tableOf(['digest', 'bytes', 'path'], rows, 'no files'))
    })

  withOptions(data.command('log'))
    .description('list the versions of a dataset or a file set, latest first')
    .argument('<name>')
    .option('--limit <count>', 'at most so many', '20')
    .action(async (name: string, { limit, ...flags }: LimitFlags) => {
      const client = clientOf(flags, terminal)
      const page = { limit: Math.min(1000, countOf(limit)) }
      if ((await kindOf(client, name, flags)) === 'dataset') {
        const entries = await withUses(client, name, (await client.datasets.log(name, page)).items)
        terminal.out(flags.json ? jsonLine(entries) : datasetLogText(entries))
        return
      }
      const { items } = await client.fileSets.versions(name, page)
      const header = ['version', 'files', 'bytes', 'added', 'message']
      terminal.out(flags.json ? jsonLine(items) : tableOf(header, items.map(fileSetCells), 'no versions'))
    })

  withOptions(data.command('show'))
    .description('show a version: of a dataset its columns, source, expectations and who names it')
    .argument('<name[@version]>', 'a version is its id, the beginning of it, a tag, or latest')
    .action(async (which: string, flags: KindFlags) => {
      const { name, version } = parseRef(which)
      const client = clientOf(flags, terminal)
      if ((await kindOf(client, name, flags)) === 'dataset') {
        const found = await client.datasets.version(name, version)
        const uses = await client.datasets.uses(name, found.version)
        const validation = await client.validations.get(name, found.validation)
        const text = () => datasetVersionText(found, { uses, validation })
        terminal.out(flags.json ? jsonLine({ ...found, uses }) : text())
        return
      }
      const found = await client.fileSets.version(name, version)
      terminal.out(flags.json ? jsonLine(found) : fileSetVersionText(found))
    })

  withOptions(data.command('diff'))
    .description('compare two versions of a dataset, or of a file set')
    .argument('<name[@version]>', 'the older one; the one before the latest without a version')
    .argument('[version]', 'the newer one', 'latest')
    .option('--limit <count>', 'list at most so many files', '100')
    .option('--key <columns>', 'columns that name a row of the dataset, by comma')
    .addHelpText(
      'after',
      `
Examples:
  millrace data diff orders
  millrace data diff photos@3f2a latest
  millrace data diff orders@0a1b --key id`,
    )
    .action(async (which: string, to: string, { limit, key, ...flags }: DiffFlags) => {
      const { name, version } = parseRef(which)
      const client = clientOf(flags, terminal)
      const kind = await kindOf(client, name, flags)
      const from = name === which ? await versionBefore(client, name, kind) : version
      if (kind === 'dataset') {
        const diff = await client.datasets.diff(name, { from, to, key: key?.split(',') })
        terminal.out(flags.json ? jsonLine(diff) : datasetDiffText(diff))
        return
      }
      if (key !== undefined) throw usageError('--key is for datasets')
      const diff = await client.fileSets.diff(name, { from, to, limit: countOf(limit) })
      terminal.out(flags.json ? jsonLine(diff) : fileSetDiffText(diff))
    })
}

/** The version before the latest. */
async function versionBefore(client: Client, name: string, kind: DataKind): Promise<string> {
  const { items } = await (kind === 'dataset'
    ? client.datasets.log(name, { limit: 2 })
    : client.fileSets.versions(name, { limit: 2 }))
  if (items[1]) return items[1].version
  throw usageError(`${name} has one version only, so there is none before it; name two versions to compare`)
}

/** Datasets and file sets, by name. */
async function listAll({ datasets, fileSets }: Client, count: number, { dataset, fileSet }: KindFlags) {
  const page = { limit: Math.min(1000, count) }
  const found = [
    ...(fileSet
      ? []
      : (await datasets.list(page)).items.map((one) => ({ kind: 'dataset' as const, ...one }))),
    ...(dataset
      ? []
      : (await fileSets.list(page)).items.map((one) => ({ kind: 'file-set' as const, ...one }))),
  ]
  return found.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name))).slice(0, count)
}

async function withUses<Entry extends { version: string }>(
  { datasets }: Client,
  name: string,
  entries: readonly Entry[],
): Promise<(Entry & { uses: DatasetVersionUse[] })[]> {
  const found: (Entry & { uses: DatasetVersionUse[] })[] = []
  for (let start = 0; start < entries.length; start += askedAtOnce) {
    const some = entries.slice(start, start + askedAtOnce)
    const asked = some.map(async (entry) => ({ ...entry, uses: await datasets.uses(name, entry.version) }))
    found.push(...(await Promise.all(asked)))
  }
  return found
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return count
  throw usageError(`--limit takes a number from 1 to 10000, got "${text}"`)
}

function tableOf(header: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  return rows.length === 0 ? `${none}\n` : formatTable(header, rows)
}
