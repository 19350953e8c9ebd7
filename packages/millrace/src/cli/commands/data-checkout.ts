import { resolve } from 'node:path'
import type { Client } from '@millrace/client'
import { type Command, Option } from 'commander'
import { checkoutDataset } from '../../datasets/checkout-dataset.ts'
import { type RowsFormat, rowsFormats } from '../../datasets/convert-rows.ts'
import { checkout } from '../../file-sets/checkout.ts'
import { clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { createCounter } from '../counter.ts'
import { type KindFlags, kindOf, withKindOptions } from '../data-kind.ts'
import { parseRef } from '../data-ref.ts'
import { formatBytes } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface CheckoutFlags extends KindFlags {
  format?: RowsFormat
  force?: boolean
  remove?: boolean
}

export function addDataCheckout(data: Command, terminal: Terminal): void {
  withKindOptions(withClientOptions(data.command('checkout')))
    .description('make a folder have the files of a version, or the rows of a version of a dataset as files')
    .argument('<name[@version]>', 'latest without a version; the beginning of one is enough')
    .argument('[folder]', 'default: one of that name here')
    .option('--force', 'replace files that differ')
    .option('--remove', 'remove files that the version does not have')
    .addOption(
      new Option('--format <format>', 'of the rows of a dataset (default: parquet)').choices(rowsFormats),
    )
    .addHelpText(
      'after',
      `
Files that are there already as they are in the version are not fetched.
A dataset gives one file for each of its parts, such as orders-00000.parquet; all appear when the last one is written.

Examples:
  millrace data checkout photos@3f2a photos/
  millrace data checkout orders@reviewed orders/ --format csv`,
    )
    .action(async (which: string, path: string | undefined, flags: CheckoutFlags) => {
      const { name, version: asked } = parseRef(which)
      const client = clientOf(flags, terminal)
      const folder = resolve(terminal.cwd, path ?? name)
      if ((await kindOf(client, name, flags)) === 'dataset') {
        await checkoutRows(client, { dataset: name, asked, folder, flags }, terminal)
        return
      }
      const { force, remove } = flags
      if (flags.format !== undefined) throw usageError('--format is for datasets')
      const { version } = await client.fileSets.version(name, asked)
      const counter = createCounter(terminal, flags.json)
      let done = 0
      const result = await checkout(client, { fileSet: name, version, folder, force, remove }, (written) => {
        done += written
        counter.show(`${done} files`)
      })
      counter.end()
      terminal.out(
        flags.json
          ? jsonLine({ fileSet: name, version, folder, ...result })
          : `${folder}: ${name}@${version}, ${result.written} files written (${formatBytes(result.bytes)}), ` +
              `${result.same} were there${othersText(result.others, remove)}\n`,
      )
    })
}

async function checkoutRows(
  client: Client,
  { dataset, asked, folder, flags }: { dataset: string; asked: string; folder: string; flags: CheckoutFlags },
  terminal: Terminal,
): Promise<void> {
  if (flags.remove) throw usageError('--remove is for file sets')
  const { version } = await client.datasets.version(dataset, asked)
  const counter = createCounter(terminal, flags.json)
  const { format = 'parquet', force } = flags
  const result = await checkoutDataset(client, { dataset, version, folder, format, force }, ({ files, of }) =>
    counter.show(`${files} of ${of} files`),
  )
  counter.end()
  const { files, rows, bytes } = result
  terminal.out(
    flags.json
      ? jsonLine({ dataset, version, folder, format, ...result })
      : `${folder}: ${dataset}@${version}, ${rows} rows in ${files === 1 ? '1 file' : `${files} files`} (${formatBytes(bytes)})\n`,
  )
}

function othersText(others: readonly string[], isRemoved = false): string {
  if (others.length === 0) return ''
  return isRemoved
    ? `, ${others.length} removed`
    : `; ${others.length} others left, such as ${others[0]} (--remove)`
}
