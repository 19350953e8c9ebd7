import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatTable } from '../format.ts'
import { readJsonRows } from '../json-rows.ts'
import type { Terminal } from '../terminal.ts'

interface SendFlags extends ClientFlags {
  row?: string
  file?: string
}

/** Events that the server takes at once. */
const maxEvents = 10_000

export function addTopics(program: Command, terminal: Terminal): void {
  const command = program
    .command('topics')
    .description('topics of events that feature views read')
    .helpCommand(false)

  withClientOptions(command.command('ls'))
    .description('list the topics and the views that read them')
    .action(async (flags: ClientFlags) => {
      const { items } = await clientOf(flags, terminal).topics.list()
      const rows = items.map(({ name, views }) => [name, views.join(', ')])
      const text =
        rows.length === 0
          ? 'no topics: give the stream of a view a topic\n'
          : formatTable(['topic', 'read by'], rows)
      terminal.out(flags.json ? jsonLine(items) : text)
    })

  withClientOptions(command.command('send'))
    .description('append events to a topic')
    .argument('<topic>', 'name of the topic')
    .option('--row <json>', 'one event, as a JSON object')
    .option('--file <file>', 'events in a file: a JSON object, a JSON array of them, or one a line')
    .addHelpText(
      'after',
      `
Events have the columns of the dataset of the views. Each call of more than 10,000 is several.

Example:
  millrace topics send orders --file orders.ndjson`,
    )
    .action(async (topic: string, { row, file, ...flags }: SendFlags) => {
      const rows = await readJsonRows({ option: '--row', json: row, file }, terminal.cwd)
      const client = clientOf(flags, terminal)
      for (let start = 0; start < rows.length; start += maxEvents) {
        const sent = await client.topics.append(topic, rows.slice(start, start + maxEvents))
        terminal.out(
          flags.json
            ? jsonLine(sent)
            : `${sent.topic}: ${sent.events} event${sent.events === 1 ? '' : 's'}\n`,
        )
      }
    })
}
