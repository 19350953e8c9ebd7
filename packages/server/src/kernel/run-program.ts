import { spawn } from 'node:child_process'
import { createLineSplitter } from './bounded-lines.ts'

const linesKept = 10

export type ProgramEnd =
  | { state: 'succeeded' }
  /** How it ended, and the last lines that it printed. */
  | { state: 'failed'; reason: string; said: readonly string[] }

/**
 * Runs a program to its end, without a shell. It stays in the process group of its caller: whoever ends the group of a step,
 * however, ends it as well, with all that it has started.
 * @param onLine Called for each line of its output and errors; long ones are cut.
 * @throws the reason of the signal, once the program has been killed
 */
export async function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  options: { cwd: string; env: Record<string, string>; signal?: AbortSignal; onLine?(line: string): void },
): Promise<ProgramEnd> {
  options.signal?.throwIfAborted()
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => void child.kill('SIGKILL')
  options.signal?.addEventListener('abort', kill)
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    const lines = createLineSplitter((line) => {
      said.push(line)
      if (said.length > linesKept) said.shift()
      options.onLine?.(line)
    })
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => lines.push(chunk))
    stream.on('end', () => lines.end())
  }
  const reason = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    // Not `close`: what the program has left running may hold its output open.
    child.on('exit', (code, signal) => {
      const how =
        code === 0 ? undefined : signal ? `it was ended by ${signal}` : `it exited with code ${code}`
      child.on('close', () => resolve(how))
      setTimeout(() => resolve(how), 1000).unref()
    })
  })
  options.signal?.removeEventListener('abort', kill)
  options.signal?.throwIfAborted()
  return reason === undefined ? { state: 'succeeded' } : { state: 'failed', reason, said }
}
