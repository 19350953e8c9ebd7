import { randomUUID } from 'node:crypto'
import type { PipelineRunDetail } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatDuration } from '../format.ts'
import { parseParams } from '../params.ts'
import { createRunView } from '../run-view.ts'
import type { Terminal } from '../terminal.ts'

interface RunFlags extends ClientFlags {
  param: string[]
  requestId?: string
  wait: boolean
}

/** @param failed Called when the run did not succeed. */
export function addRun(program: Command, terminal: Terminal, failed: () => void): void {
  withClientOptions(program.command('run'))
    .description('start a pipeline and follow it to its end')
    .argument('<pipeline>', 'name of the pipeline')
    .option('--param <name=value>', 'a parameter; times as 2001-05-01 or 2001-05-01T12:00:00Z', collect, [])
    .option('--request-id <id>', 'start only once: the same id gives the same run again')
    .option('--no-wait', 'start it and do not wait for its end')
    .addHelpText(
      'after',
      `
Exits with 1 if the run fails or is cancelled. Interrupting this command does not stop the run.

Examples:
  millrace run training --param from=2001-01-01 --param until=2001-04-01
  millrace run training --no-wait --json`,
    )
    .action(async (pipeline: string, flags: RunFlags) => {
      const client = clientOf(flags, terminal)
      const definition = await client.definitions.get('pipeline', pipeline)
      const params = parseParams(definition, flags.param)
      const requestId = flags.requestId ?? randomUUID()
      const started = await client.pipelines.start(pipeline, { params, requestId })
      if (!flags.wait) {
        terminal.out(flags.json ? jsonLine(started) : `started ${started.id}\n`)
        return
      }
      if (!flags.json) terminal.err(`run ${started.id} of ${pipeline}\n`)
      const view = flags.json ? undefined : createRunView(terminal)
      const run = await client.pipelines.wait(started.id, { onProgress: (seen) => view?.update(seen) })
      terminal.out(flags.json ? jsonLine(run) : summary(run))
      if (run.state !== 'succeeded') failed()
    })
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

function summary(run: PipelineRunDetail): string {
  const took = formatDuration((run.finishedAt ?? run.startedAt) - run.startedAt)
  const failed = run.steps.find((step) => step.state === 'failed')
  const reason = failed?.error ? `: ${failed.node}: ${failed.error.message}` : ''
  return `${run.state} ${run.id} in ${took}${reason}\n`
}
