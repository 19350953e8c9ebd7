import { resolve } from 'node:path'
import { fail } from '@millrace/protocol/errors'
import type { Command } from 'commander'
import { type ClientFlags, jsonLine, serverOf, withClientOptions } from '../client-options.ts'
import { createCopyProgress, formatCopyReport } from '../copy-report.ts'
import type { Terminal } from '../terminal.ts'

interface ExportFlags extends ClientFlags {
  experiment?: string[]
  artifacts?: string
  proxied?: boolean
}

/** @param failed Called when something differs afterwards. */
export function addExport(program: Command, terminal: Terminal, failed: () => void): void {
  const command = program
    .command('export')
    .description('take what is here to another tool')
    .helpCommand(false)
  withClientOptions(command.command('mlflow'))
    .description('copy experiments, runs, full metric histories, artifacts and models to an MLflow database')
    .argument('<database>', 'SQLite file with the tables of MLflow 3')
    .option('--experiment <name>', 'only this one; may be repeated', collect)
    .option('--artifacts <folder>', 'where the artifacts go (default: mlartifacts beside the file)')
    .option(
      '--proxied',
      'for "mlflow server --artifacts-destination <folder>" rather than paths of this machine',
    )
    .addHelpText(
      'after',
      `
Ids of runs and logged models, times and version numbers stay as they are. It may be interrupted and started again.
Afterwards the database is read back and compared; it exits with 1 if anything differs.

Examples:
  mlflow db upgrade sqlite:///moved/mlflow.db
  millrace export mlflow moved/mlflow.db
  mlflow server --backend-store-uri sqlite:///moved/mlflow.db`,
    )
    .action(async (file: string, flags: ExportFlags) => {
      if (/^https?:/.test(file)) {
        const reason =
          "MLflow's API takes neither ids nor times. Export to a database, and start a server on it."
        throw fail('mlflow.target_invalid', { target: file, reason })
      }
      const path = resolve(terminal.cwd, file.replace(/^sqlite:\/\/\//, ''))
      const artifacts = flags.artifacts && resolve(terminal.cwd, flags.artifacts)
      const mlflow = await import('../../mlflow/index.ts')
      const target = mlflow.createSqliteTarget(path, { artifacts, proxied: flags.proxied })
      const there = mlflow.createSqliteSource(path, { artifacts })
      const source = mlflow.createMillraceSource(mlflow.createRestClient(serverOf(flags, terminal)))
      try {
        const progress = flags.json ? undefined : createCopyProgress(terminal)
        const report = await mlflow.moveStore({
          source,
          target,
          there,
          experiments: flags.experiment,
          onProgress: progress?.update,
        })
        progress?.end()
        terminal.out(flags.json ? jsonLine(report) : formatCopyReport(report))
        if (report.differences.length > 0) failed()
      } finally {
        await there.close()
        target.close()
      }
    })
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}
