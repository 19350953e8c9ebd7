import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../packages/millrace/bin/millrace.js', import.meta.url))

/** The command line in one folder with one set of settings, without those of the caller. */
export function commandLine(cwd: string, settings: Record<string, string>) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(MILLRACE|VITEST|NODE_)/.test(name))
  const env = { ...Object.fromEntries(kept), ...settings }
  const start = (args: readonly string[], more: Record<string, string> = {}) =>
    spawn(process.execPath, [bin, ...args], {
      cwd,
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  return {
    async run(args: readonly string[], more?: Record<string, string>) {
      const child = start(args, more)
      const exited = once(child, 'exit')
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
      const [code] = await exited
      return { code: code as number | null, out, err }
    },
    /** `millrace up` on a free port, once it is ready. */
    async up(more?: Record<string, string>) {
      const child = start(['up', '--port', '0'], more)
      const exited = once(child, 'exit')
      const complaints = text(child.stderr)
      return {
        url: await readyUrl(child.stdout, complaints),
        /** Resolves when it has ended by itself, with its exit code and what it wrote to stderr. */
        async ended() {
          const [code] = await exited
          return { code: code as number | null, err: await complaints }
        },
        /** Resolves with the exit code; null after SIGKILL. */
        async end(signal: 'SIGTERM' | 'SIGKILL') {
          child.kill(signal)
          const [code] = await exited
          return code as number | null
        },
      }
    },
  }
}

async function readyUrl(output: Readable, complaints: Promise<string>): Promise<string> {
  let said = ''
  for await (const chunk of output.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += chunk
    const url = /^ready (\S+)$/m.exec(said)?.[1]
    if (url) return url
  }
  throw new Error(`the server ended before it was ready: ${said}${await complaints}`)
}
