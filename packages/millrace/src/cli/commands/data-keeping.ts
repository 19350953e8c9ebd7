import type { Client } from '@millrace/client'
import type { Command } from 'commander'
import { clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { type KindFlags, kindOf, withKindOptions } from '../data-kind.ts'
import { parseRef } from '../data-ref.ts'
import { formatTable, formatTime } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface TagFlags extends KindFlags {
  remove?: boolean
  history?: boolean
}

interface PruneFlags extends KindFlags {
  keep: string
  days: string
  dryRun?: boolean
}

const withOptions = (command: Command) => withKindOptions(withClientOptions(command))

/** Commands for which versions have names, and which stay. */
export function addDataKeeping(data: Command, terminal: Terminal): void {
  withOptions(data.command('tag'))
    .description('list the tags of a dataset or a file set, or move one to a version')
    .argument('<name[@version]>', 'latest without a version')
    .argument('[tag]')
    .option('--remove', 'take the tag away')
    .option('--history', 'list where the tag has been')
    .addHelpText(
      'after',
      '\nExample:\n  millrace data tag photos@3f2a reviewed\n  millrace data checkout photos@reviewed',
    )
    .action(async (which: string, tag: string | undefined, { remove, history, ...flags }: TagFlags) => {
      const { name, version } = parseRef(which)
      const client = clientOf(flags, terminal)
      const isDataset = (await kindOf(client, name, flags)) === 'dataset'
      const calls = isDataset ? client.datasets : client.fileSets
      const named = isDataset ? { dataset: name } : { fileSet: name }
      if (tag === undefined) {
        if (remove || history) throw usageError('--remove and --history need a tag')
        const tags = await calls.tags(name)
        const rows = tags.map((one) => [one.tag, one.version, formatTime(one.movedAt)])
        terminal.out(flags.json ? jsonLine(tags) : table(['tag', 'version', 'moved'], rows, 'no tags'))
      } else if (history) {
        const { items } = await calls.tagHistory(name, tag)
        const rows = items.map((move) => [formatTime(move.movedAt), move.version ?? 'taken away'])
        terminal.out(flags.json ? jsonLine(items) : table(['moved', 'version'], rows, 'no such tag'))
      } else if (remove) {
        await calls.removeTag(name, tag)
        terminal.out(flags.json ? jsonLine({ ...named, tag }) : `${name}: ${tag} was taken away\n`)
      } else {
        const moved = await calls.tag(name, version, tag)
        terminal.out(flags.json ? jsonLine({ ...named, ...moved }) : `${name}@${moved.version} is ${tag}\n`)
      }
    })

  withOptions(data.command('rm'))
    .description('remove a version that has no tag, and that nothing names')
    .argument('<name@version>')
    .action(async (which: string, flags: KindFlags) => {
      const { name, version } = parseRef(which)
      if (!/[@:]/.test(which)) throw usageError('say which version, such as photos@3f2a')
      const client = clientOf(flags, terminal)
      const isDataset = (await kindOf(client, name, flags)) === 'dataset'
      const removed = await (isDataset ? client.datasets : client.fileSets).remove(name, version)
      terminal.out(flags.json ? jsonLine(removed) : `${name}@${removed.version} was removed\n`)
    })

  withOptions(data.command('prune'))
    .description('remove old versions that have no tag, and that nothing names')
    .argument('<name>')
    .requiredOption('--keep <count>', 'keep the last so many')
    .option('--days <count>', 'keep those that were made or added within so many days', '0')
    .option('--dry-run', 'only list what would be removed')
    .addHelpText(
      'after',
      `
Versions of datasets that training sets, runs, versions of models or work under way name stay, and are listed.
What only removed versions had is removed by "millrace gc" a day later.

Example:
  millrace data prune photos --keep 10 --days 90`,
    )
    .action(async (name: string, { keep, days, dryRun = false, ...flags }: PruneFlags) => {
      const input = { last: numberOf('--keep', keep, 1), days: numberOf('--days', days, 0), dryRun }
      const client = clientOf(flags, terminal)
      const isDataset = (await kindOf(client, name, flags)) === 'dataset'
      const { json, removed, kept } = await (isDataset ? pruneDataset : pruneFileSet)(client, name, input)
      const lines = [
        ...kept.map(({ version, reason }) => `${name}@${version} stays: ${reason}\n`),
        ...removed.map(({ version, at }) => `${name}@${version} of ${formatTime(at)}\n`),
      ]
      const what = `${removed.length} versions ${dryRun ? 'would be' : 'were'} removed\n`
      terminal.out(flags.json ? jsonLine(json) : `${lines.join('')}${what}`)
    })
}

type PruneInput = { last: number; days: number; dryRun: boolean }

async function pruneDataset({ datasets }: Client, name: string, input: PruneInput) {
  const json = await datasets.prune(name, input)
  return {
    json,
    removed: json.items.map(({ version, createdAt: at }) => ({ version, at })),
    kept: json.kept.map(({ version: { version }, uses }) => ({
      version,
      reason: uses.map((use) => `${use.kind} ${use.name}`).join(', '),
    })),
  }
}

async function pruneFileSet({ fileSets }: Client, name: string, input: PruneInput) {
  const json = await fileSets.prune(name, input)
  return { json, removed: json.map(({ version, addedAt: at }) => ({ version, at })), kept: [] }
}

function numberOf(option: string, text: string, least: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= 100_000) return number
  throw usageError(`${option} takes a number from ${least} to 100000, got "${text}"`)
}

function table(header: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  return rows.length === 0 ? `${none}\n` : formatTable(header, rows)
}
