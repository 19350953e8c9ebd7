import type { DatasetVersion } from '@millrace/client'
import type { IngestMode } from '@millrace/protocol'
import { type Command, Option } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatBytes } from '../format.ts'
import type { Terminal } from '../terminal.ts'

interface IngestFlags extends ClientFlags {
  path?: string
  mode?: IngestMode
}

export const modeOption = () =>
  new Option('--mode <mode>', 'default: that of the dataset').choices(['replace', 'append'])

/** What is printed of a version that was made or found. */
export function versionLine(version: DatasetVersion, isJson: boolean | undefined): string {
  if (isJson) return jsonLine(version)
  const { dataset, rows, bytes, partCount } = version
  const parts = `${partCount} ${partCount === 1 ? 'part' : 'parts'}`
  return `${dataset}@${version.version}: ${rows} rows, ${formatBytes(bytes)} in ${parts}\n`
}

export function addDataIngest(data: Command, terminal: Terminal): void {
  withClientOptions(data.command('ingest'))
    .description('read the source of a dataset and register its rows as a version')
    .argument('<dataset>')
    .option('--path <path>', 'other files of the same format, where the server can read them')
    .addOption(modeOption())
    .addHelpText(
      'after',
      `
The same rows give the same version. Sources that are functions are read by the step "ingest" of a pipeline.

Example:
  millrace data ingest orders`,
    )
    .action(async (dataset: string, { path, mode, ...flags }: IngestFlags) => {
      const version = await clientOf(flags, terminal).datasets.ingest(dataset, { path, mode })
      terminal.out(versionLine(version, flags.json))
    })
}
