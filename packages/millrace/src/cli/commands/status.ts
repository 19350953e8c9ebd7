import type { Client } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatStatus } from '../format-status.ts'
import type { Terminal } from '../terminal.ts'

const shownRuns = 10

export function addStatus(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('status'))
    .description('show endpoints, rollouts, pipeline runs and monitors')
    .addHelpText('after', '\nExample:\n  millrace status --url https://ml.example.org')
    .action(async (flags: ClientFlags) => {
      const status = await readStatus(clientOf(flags, terminal))
      terminal.out(flags.json ? jsonLine(status) : formatStatus(status, terminal.now()))
    })
}

/** Everything that `status` shows. */
export type Status = Awaited<ReturnType<typeof readStatus>>

async function readStatus(client: Client) {
  const [{ items: endpoints }, { items: runs }, { items: definitions }] = await Promise.all([
    client.endpoints.list(),
    client.pipelines.runs({ limit: shownRuns }),
    client.definitions.list(),
  ])
  const monitors = await Promise.all(
    definitions
      .filter((definition) => definition.kind === 'monitor')
      .map(async ({ name }) => {
        const [windows, decisions] = await Promise.all([
          client.monitors.windows(name),
          client.monitors.decisions(name),
        ])
        return {
          name,
          window: windows.items.at(-1) ?? null,
          decision: decisions.items.at(-1) ?? null,
        }
      }),
  )
  return { endpoints, runs, monitors }
}
