import type { Command } from 'commander'
import { type ClientFlags, jsonLine, serverOf, withClientOptions } from '../client-options.ts'
import { createCopyProgress, formatCopyReport } from '../copy-report.ts'
import type { Terminal } from '../terminal.ts'
import { addImportFeast } from './import-feast.ts'

interface ImportFlags extends ClientFlags {
  experiment?: string[]
  artifacts?: string
  dryRun?: boolean
}

/** @param failed Called when something differs afterwards. */
export function addImport(program: Command, terminal: Terminal, failed: () => void): void {
  const command = program
    .command('import')
    .description('bring in what another tool has kept')
    .helpCommand(false)
  addImportFeast(command, terminal)
  withClientOptions(command.command('mlflow'))
    .description('copy experiments, runs, full metric histories, artifacts and models of MLflow')
    .argument('<source>', 'URL of an MLflow server, an mlruns folder, or an SQLite file')
    .option('--experiment <name>', 'only this one; may be repeated', collect)
    .option('--artifacts <folder>', "of a folder or file: where MLflow's server keeps proxied artifacts")
    .option('--dry-run', 'only count what would be copied')
    .addHelpText(
      'after',
      `
Run ids, logged model ids and version numbers stay as they are; experiments are matched by name. It may be interrupted
and started again: what is there already is not copied again. Afterwards both sides are compared, metrics and artifacts
by digest; it exits with 1 if anything differs. Credentials of an MLflow server are taken from MLFLOW_TRACKING_USERNAME
and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.

Examples:
  millrace import mlflow http://mlflow.example.org:5000 --dry-run
  millrace import mlflow ./mlruns
  millrace import mlflow ./mlflow.db --artifacts ./mlartifacts --experiment flights`,
    )
    .action(async (named: string, flags: ImportFlags) => {
      const { cwd, env } = terminal
      const mlflow = await import('../../mlflow/index.ts')
      const client = mlflow.createRestClient(serverOf(flags, terminal))
      const source = await mlflow.openMlflowSource(named, { cwd, env, artifacts: flags.artifacts })
      try {
        const progress = flags.json ? undefined : createCopyProgress(terminal)
        const report = await mlflow.moveStore({
          source,
          target: flags.dryRun ? undefined : mlflow.createMillraceTarget(client),
          there: flags.dryRun ? undefined : mlflow.createMillraceSource(client),
          experiments: flags.experiment,
          onProgress: progress?.update,
        })
        progress?.end()
        terminal.out(flags.json ? jsonLine(report) : formatCopyReport(report))
        if (report.differences.length > 0) failed()
      } finally {
        await source.close()
      }
    })
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}
