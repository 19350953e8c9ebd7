import { openAsBlob } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { FileFormat, IngestMode } from '@millrace/protocol'
import { fail } from '@millrace/protocol/errors'
import { type Command, Option } from 'commander'
import { type ClientFlags, clientOf, withClientOptions } from '../client-options.ts'
import type { Terminal } from '../terminal.ts'
import { modeOption, versionLine } from './data-ingest.ts'

interface PushFlags extends ClientFlags {
  format?: FileFormat
  mode?: IngestMode
}

export function addDataPush(data: Command, terminal: Terminal): void {
  withClientOptions(data.command('push'))
    .description('send a file of rows as a version of a dataset')
    .argument('<dataset>')
    .argument('<file>', 'Parquet, CSV, JSON or Arrow')
    .addOption(
      new Option('--format <format>', 'default: that of the dataset').choices([
        'parquet',
        'csv',
        'json',
        'arrow',
      ]),
    )
    .addOption(modeOption())
    .addHelpText(
      'after',
      `
The rows have to be as the dataset's definition says, and to meet its expectations.

Example:
  millrace data push orders orders-2026-01.csv --mode append`,
    )
    .action(async (dataset: string, file: string, { format, mode, ...flags }: PushFlags) => {
      const content = await openAsBlob(resolve(terminal.cwd, file)).catch((error: Error) => {
        throw fail('dataset.source_unreadable', { dataset, path: file, reason: error.message }, error)
      })
      const { datasets } = clientOf(flags, terminal)
      const version = await datasets.push(dataset, content, { file: basename(file), format, mode })
      terminal.out(versionLine(version, flags.json))
    })
}
