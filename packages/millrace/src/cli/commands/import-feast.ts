import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { FeastImport } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatChanges } from '../format-changes.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface ImportFeastFlags extends ClientFlags {
  project?: string
  dryRun?: boolean
  allowDestroy?: boolean
}

export function addImportFeast(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('feast'))
    .description('take in the entities, sources, feature views and services of a Feast registry')
    .argument('<registry>', 'the registry file, such as data/registry.db')
    .option('--project <name>', 'which project, if the registry has several')
    .option('--dry-run', 'only show what would change')
    .option('--allow-destroy', 'also remove what is gone from the registry, and make changes that break')
    .addHelpText(
      'after',
      `
Files that Feast reads become datasets, under the name of the push source if there is one; their paths are those of the
registry, so let the server run in the feature repository. Values do not come with the registry: materialize the views.
What has no place here, such as Python functions, is left out and named. It may be done again: definitions are compared.

Examples:
  millrace import feast data/registry.db --dry-run
  millrace import feast data/registry.db`,
    )
    .action(async (file: string, flags: ImportFeastFlags) => {
      const registry = await readFile(resolve(terminal.cwd, file)).catch((error: NodeJS.ErrnoException) => {
        throw usageError(
          `${file} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
        )
      })
      const { project, dryRun = false, allowDestroy = false } = flags
      const result = await clientOf(flags, terminal).imports.feast(new Uint8Array(registry), {
        project,
        dryRun,
        allowDestroy,
      })
      terminal.out(flags.json ? jsonLine(result) : formatImport(result))
    })
}

function formatImport(result: FeastImport): string {
  const services = result.services.map(
    ({ name, trains }) =>
      `  ${name}${trains ? '' : "  (through Feast's wire; training sets cannot use it)"}\n`,
  )
  const leftOut = result.leftOut.map(({ kind, name, reason }) => `  ${kind} ${name}: ${reason}\n`)
  return [
    formatChanges({ ...result, bundle: null }),
    services.length > 0 ? `Feature services of ${result.project}:\n${services.join('')}` : '',
    leftOut.length > 0 ? `Left out:\n${leftOut.join('')}` : '',
  ].join('')
}
