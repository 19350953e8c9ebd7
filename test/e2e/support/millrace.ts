import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../../packages/millrace/bin/millrace.js', import.meta.url))

export interface Ended {
  code: number | null
  out: string
  err: string
}

interface Surroundings {
  cwd: string
  env?: Record<string, string>
}

/** Runs the command line in a folder, as a person would. */
export async function millrace(args: readonly string[], surroundings: Surroundings): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: surroundings.cwd,
    env: environment(surroundings.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await exited
  return { code, out, err }
}

/** Nothing of the caller's settings reaches what is tested. */
export function environment(more: Record<string, string> = {}): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(MILLRACE|VITEST|NODE_)/.test(name))
  return { ...Object.fromEntries(kept), ...more }
}

export interface Server {
  url: string
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

/** `millrace up` on a free port; resolves when it says that it is ready. */
export async function startServer(surroundings: Surroundings): Promise<Server> {
  const child = spawn(process.execPath, [bin, 'up', '--port', '0'], {
    cwd: surroundings.cwd,
    env: environment(surroundings.env),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const url = await readyUrl(child)
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await ended
      return code
    },
  }
}

async function readyUrl(child: ChildProcess): Promise<string> {
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += chunk
    const url = /^ready (\S+)$/m.exec(said)?.[1]
    if (url) return url
  }
  throw new Error(`the server ended before it was ready: ${said}`)
}
