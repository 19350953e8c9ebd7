import { resolve } from 'node:path'
import type { Command } from 'commander'
import { checkout } from '../../file-sets/checkout.ts'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { createCounter } from '../counter.ts'
import { parseDataRef } from '../data-ref.ts'
import { formatBytes } from '../format.ts'
import type { Terminal } from '../terminal.ts'

interface CheckoutFlags extends ClientFlags {
  force?: boolean
  remove?: boolean
}

export function addDataCheckout(data: Command, terminal: Terminal): void {
  withClientOptions(data.command('checkout'))
    .description('make a folder have the files of a version')
    .argument('<name[@version]>', 'latest without a version; the beginning of one is enough')
    .argument('[folder]', 'default: one of that name here')
    .option('--force', 'replace files that differ')
    .option('--remove', 'remove files that the version does not have')
    .addHelpText(
      'after',
      `
Files that are there already as they are in the version are not fetched.

Example:
  millrace data checkout photos@3f2a photos/`,
    )
    .action(async (which: string, path: string | undefined, { force, remove, ...flags }: CheckoutFlags) => {
      const { fileSet, version: asked } = parseDataRef(which)
      const client = clientOf(flags, terminal)
      const { version } = await client.fileSets.version(fileSet, asked)
      const folder = resolve(terminal.cwd, path ?? fileSet)
      const counter = createCounter(terminal, flags.json)
      let done = 0
      const result = await checkout(client, { fileSet, version, folder, force, remove }, (written) => {
        done += written
        counter.show(`${done} files`)
      })
      counter.end()
      terminal.out(
        flags.json
          ? jsonLine({ fileSet, version, folder, ...result })
          : `${folder}: ${fileSet}@${version}, ${result.written} files written (${formatBytes(result.bytes)}), ` +
              `${result.same} were there${othersText(result.others, remove)}\n`,
      )
    })
}

function othersText(others: readonly string[], isRemoved = false): string {
  if (others.length === 0) return ''
  return isRemoved
    ? `, ${others.length} removed`
    : `; ${others.length} others left, such as ${others[0]} (--remove)`
}
