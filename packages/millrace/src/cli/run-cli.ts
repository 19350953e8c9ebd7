import { fail, isPlatformError } from '@millrace/protocol/errors'
import { CommanderError } from 'commander'
import { jsonLine } from './client-options.ts'
import type { Signals } from './commands/up.ts'
import { createProgram } from './program.ts'
import type { Terminal } from './terminal.ts'
import { usageExitCode } from './usage-error.ts'

/**
 * Runs one command line.
 * @returns The exit code: 0, 1 when something failed, 2 when the command was called wrongly. An error is one line
 * on `err`; with `--json` it is the error body. MILLRACE_LOG_LEVEL=debug adds where it came from.
 */
export async function runCli(args: readonly string[], terminal: Terminal, signals: Signals): Promise<number> {
  let exitCode = 0
  const program = createProgram(terminal, {
    signals,
    failed: () => {
      exitCode = 1
    },
  })
  try {
    if (args.length === 0) program.help({ error: true })
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    const json = args.includes('--json')
    if (error instanceof CommanderError) return reportUsage(error, { json, terminal })
    const known = isPlatformError(error) ? error : undefined
    const message = error instanceof Error ? error.message : String(error)
    const body = known?.toBody() ?? { error_code: 'internal.unexpected', message, details: {} }
    terminal.err(json ? jsonLine(body) : `error: ${message}\n`)
    const wanted = ['debug', 'trace'].includes(terminal.env.MILLRACE_LOG_LEVEL ?? '')
    if (wanted && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`)
    return 1
  }
}

function reportUsage(
  error: CommanderError,
  { json, terminal }: { json: boolean; terminal: Terminal },
): number {
  // Help was asked for, and is printed already.
  if (error.exitCode === 0) return 0
  if (error.code === 'commander.help') return usageExitCode
  const reason = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '')
  terminal.err(
    json
      ? jsonLine(fail('request.invalid', { reason }).toBody())
      : `error: ${reason}. See "millrace --help".\n`,
  )
  return usageExitCode
}
