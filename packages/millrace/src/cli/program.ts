import { Command } from 'commander'
import { addApply } from './commands/apply.ts'
import { addConsistency } from './commands/consistency.ts'
import { addData } from './commands/data.ts'
import { addExplain } from './commands/explain.ts'
import { addExport } from './commands/export.ts'
import { addFeatures } from './commands/features.ts'
import { addGc } from './commands/gc.ts'
import { addImport } from './commands/import.ts'
import { addInit } from './commands/init.ts'
import { addLineage } from './commands/lineage.ts'
import { addMaterialize } from './commands/materialize.ts'
import { addPredict } from './commands/predict.ts'
import { addRun } from './commands/run.ts'
import { addStatus } from './commands/status.ts'
import { addTopics } from './commands/topics.ts'
import { addTrainingSet } from './commands/training-set.ts'
import { addUp, type Signals } from './commands/up.ts'
import type { Terminal } from './terminal.ts'

/** All commands. `failed` is called by one that did its work and found that something had failed. */
export function createProgram(terminal: Terminal, hooks: { signals: Signals; failed: () => void }): Command {
  const program = new Command('millrace')
    .description('Data flows in, models turn: define, train, serve and watch models.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: () => {} })
    .addHelpText(
      'after',
      `
A first model:
  millrace init shop && cd shop
  millrace up                         (in a second terminal)
  millrace apply
  millrace run training
  millrace status

"millrace <command> --help" has the options and examples of a command.`,
    )
  addInit(program, terminal)
  addUp(program, terminal, hooks.signals)
  addApply(program, terminal)
  addRun(program, terminal, hooks.failed)
  addStatus(program, terminal)
  addPredict(program, terminal, hooks.failed)
  addExplain(program, terminal)
  addMaterialize(program, terminal)
  addFeatures(program, terminal)
  addConsistency(program, terminal, hooks.failed)
  addTopics(program, terminal)
  addTrainingSet(program, terminal)
  addLineage(program, terminal)
  addData(program, terminal, hooks.failed)
  addImport(program, terminal, hooks.failed)
  addExport(program, terminal, hooks.failed)
  addGc(program, terminal)
  for (const command of program.commands.flatMap(withSubcommands)) {
    command.exitOverride().configureOutput(program.configureOutput())
  }
  return program
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}
