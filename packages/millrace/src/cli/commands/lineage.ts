import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatLineage } from '../lineage-text.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface LineageFlags extends ClientFlags {
  up?: boolean
  down?: boolean
  depth: string
  nodes: string
}

export function addLineage(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('lineage'))
    .description('show what something comes from and what it goes into')
    .argument('<of>', 'a name, <kind>:<name>, or either with @<version>')
    .option('--up', 'only what it comes from')
    .option('--down', 'only what it goes into')
    .option('--depth <steps>', 'at most so many steps from it', '20')
    .option('--nodes <count>', 'at most so many things in each direction', '500')
    .addHelpText(
      'after',
      `
Kinds: source, dataset, dataset-version, feature-view, on-demand-view, feature-service, training-set, run,
model-version, model, endpoint-revision, endpoint. Without a version it is the newest one.

Examples:
  millrace lineage late-flights@3
  millrace lineage dataset-version:flights --down
  millrace lineage source:data/flights.parquet --down --depth 2`,
    )
    .action(async (of: string, { up, down, depth, nodes, ...flags }: LineageFlags) => {
      if (up && down) throw usageError('Give --up or --down; without them both are shown')
      const found = await clientOf(flags, terminal).lineage(of, {
        direction: up ? 'up' : down ? 'down' : 'both',
        depth: countOf('--depth', depth, 100),
        nodes: countOf('--nodes', nodes, 2000),
      })
      terminal.out(flags.json ? jsonLine(found) : formatLineage(found))
    })
}

function countOf(option: string, text: string, most: number): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= most) return count
  throw usageError(`${option} takes a number from 1 to ${most}, got "${text}"`)
}
