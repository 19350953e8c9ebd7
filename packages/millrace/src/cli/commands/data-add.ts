import { resolve } from 'node:path'
import { createClient } from '@millrace/client'
import type { Command } from 'commander'
import { addFolder } from '../../file-sets/add-folder.ts'
import { createHttpFetch } from '../../file-sets/http-fetch.ts'
import { type ClientFlags, jsonLine, serverOf, withClientOptions } from '../client-options.ts'
import { createCounter } from '../counter.ts'
import { formatBytes } from '../format.ts'
import type { Terminal } from '../terminal.ts'

interface AddFlags extends ClientFlags {
  name: string
  message?: string
}

export function addDataAdd(data: Command, terminal: Terminal): void {
  withClientOptions(data.command('add'))
    .description('keep a folder of any files as a version of a file set')
    .argument('<folder>', 'all files in it, by their paths from there')
    .requiredOption('--name <name>', 'the file set')
    .option('--message <text>', 'what this version is')
    .addHelpText(
      'after',
      `
Only what the server does not have is sent. The same files are the same version, whoever adds them.

Example:
  millrace data add photos/ --name photos --message "without duplicates"`,
    )
    .action(async (path: string, { name, message, ...flags }: AddFlags) => {
      const folder = resolve(terminal.cwd, path)
      const counter = createCounter(terminal, flags.json)
      const { version, sent } = await addFolder(
        createClient({ ...serverOf(flags, terminal), fetch: createHttpFetch() }),
        { folder, fileSet: name, message },
        ({ files, bytes }) => counter.show(`${files} files, ${formatBytes(bytes)}`),
      )
      counter.end()
      const { files, bytes } = version
      terminal.out(
        flags.json
          ? jsonLine({ ...version, sent })
          : `${name}@${version.version}: ${files} files, ${formatBytes(bytes)}; ${formatBytes(sent)} were new\n`,
      )
    })
}
