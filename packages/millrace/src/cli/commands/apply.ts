import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { LoadedProject } from '../../bundle/index.ts'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatChanges } from '../format-changes.ts'
import type { Terminal } from '../terminal.ts'

interface ApplyFlags extends ClientFlags {
  config: string
  dryRun?: boolean
  allowDestroy?: boolean
}

export function addApply(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('apply [file]'))
    .description("compare the project's definitions with the server's and apply them, all or nothing")
    .option('--config <file>', 'configuration of the project, if no file is given', 'millrace.config.ts')
    .option('--dry-run', 'only show what would change')
    .option(
      '--allow-destroy',
      'also remove definitions, and change them in ways that break what relies on them',
    )
    .addHelpText(
      'after',
      `
Examples:
  millrace apply --dry-run
  millrace apply features.yaml
  millrace apply --config shop/millrace.config.ts --url https://ml.example.org`,
    )
    .action(async (file: string | undefined, flags: ApplyFlags) => {
      const client = clientOf(flags, terminal)
      const path = resolve(terminal.cwd, file ?? flags.config)
      const { project, definitions, bundle } = await load(path)
      const { dryRun = false, allowDestroy = false } = flags
      const result = await client.apply({ project, definitions, bundle, dryRun, allowDestroy })
      terminal.out(flags.json ? jsonLine(result) : formatChanges(result))
    })
}

/** A configuration in YAML or JSON has no code. What reads either is loaded with it: no other command needs it. */
async function load(path: string): Promise<LoadedProject> {
  if (!/\.(ya?ml|json)$/i.test(path)) return (await import('../../bundle/index.ts')).loadProject(path)
  return (await import('../../project-file/index.ts')).loadProjectFile(path)
}
