import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatTable } from '../format.ts'
import type { Terminal } from '../terminal.ts'

export function addDataRejected(data: Command, terminal: Terminal): void {
  withClientOptions(data.command('rejected'))
    .description('list the rows that were kept aside when a version of a dataset was made')
    .argument('<dataset>')
    .argument('[version]', 'default: the latest')
    .option('--page-token <token>', 'where the list before this one ended')
    .addHelpText('after', '\nExample:\n  millrace data rejected orders')
    .action(
      async (
        dataset: string,
        given: string | undefined,
        { pageToken, ...flags }: ClientFlags & { pageToken?: string },
      ) => {
        const { datasets } = clientOf(flags, terminal)
        const version =
          given ?? (await datasets.versions(dataset, { limit: 1 })).items[0]?.version ?? 'latest'
        const page = await datasets.rejected(dataset, version, { limit: 100, pageToken })
        const rows = page.items.map(({ file, line, column, reason, text }) => [
          line === null ? file : `${file}:${line}`,
          column ?? '',
          reason,
          (text ?? '').replaceAll(/\s+/g, ' ').slice(0, 80),
        ])
        const table =
          rows.length === 0 ? 'no rows\n' : formatTable(['where', 'column', 'reason', 'text'], rows)
        const more = page.nextPageToken === undefined ? '' : `more: --page-token ${page.nextPageToken}\n`
        terminal.out(flags.json ? jsonLine(page) : table + more)
      },
    )
}
