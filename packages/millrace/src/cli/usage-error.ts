import { CommanderError } from 'commander'

/** Exit code of a command that was called wrongly. */
export const usageExitCode = 2

/** The error of a command that was called wrongly: one line, exit code 2. */
export function usageError(message: string): CommanderError {
  return new CommanderError(usageExitCode, 'millrace.usage', message)
}
