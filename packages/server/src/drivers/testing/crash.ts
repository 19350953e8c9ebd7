import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A Node process that runs a module's text and tells line by line what it has been promised. */
export interface Writer {
  lines: string[]
  /** Resolves once that many lines have come, or the process has ended. */
  written(lines: number): Promise<void>
  /** `kill -9`; resolves with every line that was told before. */
  kill(): Promise<string[]>
  ended: Promise<number | null>
}

/** Starts the module; relative imports in its text are resolved against `url`. */
export function startWriter(source: string, url: string, args: readonly string[]): Writer {
  const absolute = source.replaceAll(/from '(\.[^']*)'/g, (_, path: string) => `from '${new URL(path, url)}'`)
  const child = spawn(process.execPath, ['--input-type=module', '-e', absolute, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return follow(child)
}

function follow(child: ChildProcess): Writer {
  const lines: string[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  if (!child.stdout) throw new TypeError('The child has no standard output')
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => {
    lines.push(line)
    for (const wait of waiting) if (lines.length >= wait.count) wait.resolve()
  })
  const drained = new Promise<void>((resolve) => reader.on('close', resolve))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    lines,
    ended,
    async written(count) {
      const enough = new Promise<void>((resolve) => {
        if (lines.length >= count) resolve()
        else waiting.push({ count, resolve })
      })
      await Promise.race([enough, ended])
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
      await drained
      return lines
    },
  }
}
