import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatStatus } from '../format-status.ts'
import { readStatus } from '../read-status.ts'
import type { Terminal } from '../terminal.ts'

export function addStatus(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('status'))
    .description('show endpoints, rollouts, pipeline runs and monitors')
    .addHelpText('after', '\nExample:\n  millrace status --url https://ml.example.org')
    .action(async (flags: ClientFlags) => {
      const status = await readStatus(clientOf(flags, terminal))
      terminal.out(flags.json ? jsonLine(status) : formatStatus(status, terminal.now()))
    })
}
