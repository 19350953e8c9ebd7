import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { parseDataRef } from '../data-ref.ts'
import { formatTable, formatTime } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface TagFlags extends ClientFlags {
  remove?: boolean
  history?: boolean
}

interface PruneFlags extends ClientFlags {
  keep: string
  days: string
  dryRun?: boolean
}

/** Commands for which versions have names, and which stay. */
export function addDataKeeping(data: Command, terminal: Terminal): void {
  withClientOptions(data.command('tag'))
    .description('list the tags of a file set, or move one to a version')
    .argument('<name[@version]>', 'latest without a version')
    .argument('[tag]')
    .option('--remove', 'take the tag away')
    .option('--history', 'list where the tag has been')
    .addHelpText(
      'after',
      '\nExample:\n  millrace data tag photos@3f2a reviewed\n  millrace data checkout photos@reviewed',
    )
    .action(async (which: string, tag: string | undefined, { remove, history, ...flags }: TagFlags) => {
      const { fileSet, version } = parseDataRef(which)
      const { fileSets } = clientOf(flags, terminal)
      if (tag === undefined) {
        if (remove || history) throw usageError('--remove and --history need a tag')
        const tags = await fileSets.tags(fileSet)
        const rows = tags.map((one) => [one.tag, one.version, formatTime(one.movedAt)])
        terminal.out(flags.json ? jsonLine(tags) : table(['tag', 'version', 'moved'], rows, 'no tags'))
      } else if (history) {
        const { items } = await fileSets.tagHistory(fileSet, tag)
        const rows = items.map((move) => [formatTime(move.movedAt), move.version ?? 'taken away'])
        terminal.out(flags.json ? jsonLine(items) : table(['moved', 'version'], rows, 'no such tag'))
      } else if (remove) {
        await fileSets.removeTag(fileSet, tag)
        terminal.out(flags.json ? jsonLine({ fileSet, tag }) : `${fileSet}: ${tag} was taken away\n`)
      } else {
        const moved = await fileSets.tag(fileSet, version, tag)
        terminal.out(flags.json ? jsonLine({ fileSet, ...moved }) : `${fileSet}@${moved.version} is ${tag}\n`)
      }
    })

  withClientOptions(data.command('rm'))
    .description('remove a version that has no tag')
    .argument('<name@version>')
    .action(async (which: string, flags: ClientFlags) => {
      const { fileSet, version } = parseDataRef(which)
      if (!which.includes('@')) throw usageError('say which version, such as photos@3f2a')
      const removed = await clientOf(flags, terminal).fileSets.remove(fileSet, version)
      terminal.out(flags.json ? jsonLine(removed) : `${fileSet}@${removed.version} was removed\n`)
    })

  withClientOptions(data.command('prune'))
    .description('remove old versions that have no tag')
    .argument('<name>')
    .requiredOption('--keep <count>', 'keep the last so many')
    .option('--days <count>', 'keep those that were added within so many days', '0')
    .option('--dry-run', 'only list what would be removed')
    .addHelpText(
      'after',
      `
What only they had is removed by "millrace gc" a day after it was last asked for.

Example:
  millrace data prune photos --keep 10 --days 90`,
    )
    .action(async (fileSet: string, { keep, days, dryRun = false, ...flags }: PruneFlags) => {
      const input = { last: numberOf('--keep', keep, 1), days: numberOf('--days', days, 0), dryRun }
      const removed = await clientOf(flags, terminal).fileSets.prune(fileSet, input)
      const lines = removed.map(({ version, addedAt }) => `${fileSet}@${version} of ${formatTime(addedAt)}\n`)
      const what = `${removed.length} versions ${dryRun ? 'would be' : 'were'} removed\n`
      terminal.out(flags.json ? jsonLine(removed) : `${lines.join('')}${what}`)
    })
}

function numberOf(option: string, text: string, least: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= 100_000) return number
  throw usageError(`${option} takes a number from ${least} to 100000, got "${text}"`)
}

function table(header: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  return rows.length === 0 ? `${none}\n` : formatTable(header, rows)
}
