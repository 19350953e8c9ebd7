import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { FileFormat } from '@millrace/protocol'
import { type Command, Option } from 'commander'
import { jsonLine } from '../client-options.ts'
import { formatInferred } from '../format-inferred.ts'
import type { Terminal } from '../terminal.ts'

interface InferFlags {
  format?: FileFormat
  json?: boolean
}

export function addDataInfer(data: Command, terminal: Terminal): void {
  data
    .command('infer')
    .description('print the definition of a dataset for a file here; no server is needed')
    .argument('<file>', 'Parquet, CSV, JSON or Arrow')
    .addOption(
      new Option('--format <format>', 'default: what the name says').choices([
        'parquet',
        'csv',
        'json',
        'arrow',
      ]),
    )
    .option('--json', 'print JSON for programs')
    .addHelpText('after', '\nExample:\n  millrace data infer data/orders.csv')
    .action(async (file: string, { format, json }: InferFlags) => {
      const { createDuckDbLake, inferFile } = await import('@millrace/server')
      const tempDir = await mkdtemp(join(tmpdir(), 'millrace-infer-'))
      const lake = await createDuckDbLake({ tempDir, memoryLimitMb: 1024 })
      try {
        const inferred = await inferFile(lake, { path: resolve(terminal.cwd, file), format })
        terminal.out(json ? jsonLine(inferred) : formatInferred(file, inferred))
      } finally {
        await lake.close()
        await rm(tempDir, { recursive: true, force: true })
      }
    })
}
