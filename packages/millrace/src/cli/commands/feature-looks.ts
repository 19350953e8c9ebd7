import type { FeatureFilter } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatFeature, formatFeatures } from '../feature-text.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface FindFlags extends ClientFlags {
  owner?: string
  tag: string[]
  entity?: string
  view?: string
  limit: string
}

/** Commands that find features and tell about them. */
export function addFeatureLooks(features: Command, terminal: Terminal): void {
  const find = async (
    search: string | undefined,
    { limit, owner, tag, entity, view, ...flags }: FindFlags,
  ) => {
    const filter: FeatureFilter = { search, owner, tags: tag, entity, view }
    const page = { ...filter, limit: countOf(limit) }
    const { items, nextPageToken } = await clientOf(flags, terminal).features.search(page)
    if (flags.json) return terminal.out(jsonLine(items))
    const more = nextPageToken === undefined ? '' : 'There are more: raise --limit, or narrow the search.\n'
    terminal.out(`${formatFeatures(items)}${more}`)
  }

  withFilter(features.command('ls'))
    .description('list the features of all views')
    .addHelpText('after', '\nExample:\n  millrace features ls --entity airport --tag tier=gold')
    .action((flags: FindFlags) => find(undefined, flags))

  withFilter(features.command('search'))
    .description('find features by words in their names, descriptions, owners and tags')
    .argument('<words...>', 'all of them are to be found')
    .addHelpText('after', '\nExample:\n  millrace features search late arrivals')
    .action((words: string[], flags: FindFlags) => find(words.join(' '), flags))

  withClientOptions(features.command('show'))
    .description('show one feature: how it is made, how fresh it is, who relies on it')
    .argument('<view:feature>')
    .addHelpText('after', '\nExample:\n  millrace features show airport_delays:avg_delay_24h')
    .action(async (which: string, flags: ClientFlags) => {
      const [view, feature, ...more] = which.split(':')
      if (!view || !feature || more.length > 0)
        throw usageError(`A feature is named <view>:<feature>, got "${which}"`)
      const found = await clientOf(flags, terminal).features.get(view, feature)
      terminal.out(flags.json ? jsonLine(found) : formatFeature(found))
    })
}

function withFilter(command: Command): Command {
  return withClientOptions(command)
    .option('--owner <name>', 'only those of this owner')
    .option('--tag <tag>', 'only those with this tag, <name> or <name>=<value>; may be repeated', collect, [])
    .option('--entity <name>', 'only those of this entity')
    .option('--view <name>', 'only those of this view')
    .option('--limit <count>', 'at most so many', '50')
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw usageError(`--limit takes a number from 1 to 1000, got "${text}"`)
}
