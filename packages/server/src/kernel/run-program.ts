import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const linesKept = 10
const lineLength = 4096

export type ProgramEnd =
  | { state: 'succeeded' }
  /** `reason` says how it ended, with the last lines that it printed. */
  | { state: 'failed'; reason: string }

/**
 * Runs a program to its end, without a shell, in a process group of its own that goes with it.
 * @param onLine Called for each line of its output and errors.
 * @throws the reason of the signal, once the program has been killed
 */
export async function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  options: { cwd: string; env: Record<string, string>; signal?: AbortSignal; onLine?(line: string): void },
): Promise<ProgramEnd> {
  options.signal?.throwIfAborted()
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      // It has ended in the meantime, which is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  options.signal?.addEventListener('abort', killGroup)
  const last: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      const cut = line.length > lineLength ? `${line.slice(0, lineLength)}…` : line
      last.push(cut)
      if (last.length > linesKept) last.shift()
      options.onLine?.(cut)
    })
  }
  const how = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('exit', killGroup)
    child.on('close', (code, signal) =>
      resolve(code === 0 ? undefined : signal ? `it was ended by ${signal}` : `it exited with code ${code}`),
    )
  })
  options.signal?.removeEventListener('abort', killGroup)
  options.signal?.throwIfAborted()
  if (how === undefined) return { state: 'succeeded' }
  const said = last.length > 0 ? `; it said last: ${last.join(' ⏎ ')}` : ''
  return { state: 'failed', reason: `${how}${said}` }
}
