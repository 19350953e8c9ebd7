import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client, TrainingSet, TrainingSetSummary } from '@millrace/client'
import { fail } from '@millrace/protocol/errors'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatBytes, formatTable, formatTime } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

type DownloadFlags = ClientFlags & { format: string; output?: string; member?: string }

const digestPattern = /^[a-f0-9]{64}$/

export function addTrainingSet(program: Command, terminal: Terminal): void {
  const command = program
    .command('training-set')
    .description('find training sets and take their rows elsewhere')
    .helpCommand(false)

  withClientOptions(command.command('ls'))
    .description('list training sets, newest first')
    .argument('[name]', 'only those of this definition')
    .option('--limit <count>', 'at most so many', '20')
    .addHelpText('after', '\nExample:\n  millrace training-set ls late_flights')
    .action(async (name: string | undefined, flags: ClientFlags & { limit: string }) => {
      const limit = Number(flags.limit)
      if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1000)) {
        throw usageError(`--limit takes a number from 1 to 1000, got "${flags.limit}"`)
      }
      const { items } = await clientOf(flags, terminal).trainingSets.list({ name, limit })
      terminal.out(flags.json ? jsonLine(items) : tableOf(items))
    })

  withClientOptions(command.command('show'))
    .description('show what a training set is made of')
    .argument('<name or digest>', 'a name is the newest one of the definition')
    .addHelpText('after', '\nExample:\n  millrace training-set show late_flights')
    .action(async (which: string, flags: ClientFlags) => {
      const client = clientOf(flags, terminal)
      const digest = await findDigest(client, which)
      const found = await client.trainingSets.get(digest)
      terminal.out(flags.json ? jsonLine({ digest, ...found }) : describe(digest, found))
    })

  withClientOptions(command.command('download'))
    .description('save the rows of a training set as a file')
    .argument('<name or digest>', 'a name is the newest one of the definition')
    .option('--format <format>', 'parquet or arrow (Feather)', 'parquet')
    .option('--member <member>', 'of a set that is split: train, validation or test')
    .option('--output <file>', 'default: <name>.<format> in this folder')
    .addHelpText(
      'after',
      `
Examples:
  millrace training-set download late_flights
  millrace training-set download late_flights --format arrow --output flights.feather`,
    )
    .action(async (which: string, { format, output, member, ...flags }: DownloadFlags) => {
      if (format !== 'parquet' && format !== 'arrow') {
        throw usageError(`--format takes parquet or arrow, got "${format}"`)
      }
      const client = clientOf(flags, terminal)
      const { digest, name, rows } = await findRows(client, which, member)
      const path = resolve(terminal.cwd, output ?? `${[name, member].filter(Boolean).join('-')}.${format}`)
      const bytes = await save(await client.trainingSets.open(digest, { format }), path)
      terminal.out(
        flags.json
          ? jsonLine({ digest, name, rows, path, bytes })
          : `${path}: ${rows} rows of ${name} ${digest.slice(0, 12)}, ${formatBytes(bytes)}\n`,
      )
    })
}

/** @throws `training_set.not_found` if nothing of that name was built */
async function findDigest({ trainingSets }: Client, which: string): Promise<string> {
  if (digestPattern.test(which)) return which
  let pageToken: string | undefined
  do {
    // A set whose content is gone is left out of its page, which may then be empty before the last one.
    const page = await trainingSets.list({ name: which, limit: 1, ...(pageToken && { pageToken }) })
    const [newest] = page.items
    if (newest) return newest.digest
    pageToken = page.nextPageToken
  } while (pageToken)
  throw fail('training_set.not_found', { digest: which })
}

/** The set, or a member of it. */
async function findRows(client: Client, which: string, member: string | undefined) {
  const digest = await findDigest(client, which)
  const { name, rows, members = [] } = await client.trainingSets.get(digest)
  if (member === undefined) return { digest, name, rows }
  const found = members.find((one) => one.member === member)
  if (found) return { digest: found.digest, name, rows: found.rows }
  const there = members.length > 0 ? `has ${members.map((one) => one.member).join(', ')}` : 'is not split'
  throw usageError(`the training set ${which} has no member "${member}": it ${there}`)
}

/** The file is there whole or not at all; its size. */
async function save(response: Response, path: string): Promise<number> {
  const incoming = `${path}.${process.pid}.incoming`
  try {
    await pipeline(Readable.from(response.body ?? []), createWriteStream(incoming))
    const { size } = await stat(incoming)
    await rename(incoming, path)
    return size
  } finally {
    await rm(incoming, { force: true })
  }
}

function tableOf(items: readonly TrainingSetSummary[]): string {
  if (items.length === 0) return 'no training sets\n'
  return formatTable(
    ['name', 'digest', 'rows', 'from', 'until', 'label', 'built'],
    items.map(({ name, digest, rows, from, until, label, createdAt }) => [
      name,
      digest.slice(0, 12),
      String(rows),
      formatTime(from),
      formatTime(until),
      label ?? '-',
      formatTime(createdAt),
    ]),
  )
}

function describe(digest: string, set: TrainingSet): string {
  const { name, rows, from, until, timestamp, features, label, columns, statistics, content, datasets } = set
  const table = formatTable(
    ['column', 'type', 'used as', 'missing', 'distinct'],
    columns.map((column) => {
      const uses = [
        ...(features.includes(column.name) ? ['feature'] : []),
        ...(column.name === label ? ['label'] : []),
        ...(column.name === timestamp ? ['time'] : []),
      ]
      const known = statistics[column.name]
      return [
        column.name,
        column.type,
        uses.join(', ') || column.role,
        String(known?.nulls ?? ''),
        known ? `≈ ${known.distinct}` : '',
      ]
    }),
  )
  return `${name} ${digest}
${rows} rows from ${formatTime(from)} until ${formatTime(until)}, ${formatBytes(content.size)}
of ${datasets.map(({ dataset, version }) => `${dataset} ${version}`).join(', ')}
${membersOf(set)}${leakageOf(set)}${outsideOf(set)}${table}`
}

function membersOf({ members, rows }: TrainingSet): string {
  if (!members) return ''
  const left = rows - members.reduce((sum, member) => sum + member.rows, 0)
  const gap = left > 0 ? `${left} rows in gaps\n` : ''
  return `${members.map((one) => `${one.member}: ${one.rows} rows ${one.digest.slice(0, 12)}\n`).join('')}${gap}`
}

function outsideOf({ outsideRange = {} }: TrainingSet): string {
  return Object.entries(outsideRange)
    .filter(([, values]) => values > 0)
    .map(([feature, values]) => `outside of its range: ${values} of ${feature}\n`)
    .join('')
}

function leakageOf({ leakage }: TrainingSet): string {
  return leakage.map(({ message }) => `leakage? ${message}\n`).join('')
}
