import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatTime } from '../format.ts'
import { parseParams } from '../params.ts'
import type { Terminal } from '../terminal.ts'

interface MaterializeFlags extends ClientFlags {
  until: string
}

export function addMaterialize(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('materialize'))
    .description('bring the online values of a feature view to what was known at a time')
    .argument('<view>', 'name of the feature view')
    .requiredOption('--until <time>', 'event time, such as 2001-05-01 or 2001-05-01T12:00:00Z')
    .addHelpText('after', '\nExample:\n  millrace materialize airport_delays --until 2001-05-01')
    .action(async (view: string, flags: MaterializeFlags) => {
      const client = clientOf(flags, terminal)
      const time = { name: 'materialize', params: { until: { type: 'timestamp' as const } } }
      const until = parseParams(time, [`until=${flags.until}`]).until as number
      const result = await client.featureViews.materialize(view, { until })
      terminal.out(
        flags.json
          ? jsonLine(result)
          : `${view} is as of ${formatTime(result.until)}, ${result.rows} keys written\n`,
      )
    })
}
