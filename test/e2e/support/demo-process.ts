import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@millrace/client'
import type { DemoReport } from '../../../examples/flights/demo/report.ts'
import { environment } from './millrace.ts'
import { freePort } from './ports.ts'
import { childrenOf } from './processes.ts'

const demo = fileURLToPath(new URL('../../../examples/flights/demo.ts', import.meta.url))

export interface DemoProcess {
  url: string
  client: Client
  /** Pid of its server; undefined while there is none. */
  serverPid(): number | undefined
  /** Resolves when the replay is over; the server still runs. */
  report(): Promise<DemoReport>
  /** @returns the exit code */
  stop(): Promise<number | null>
}

/** `npm run demo -- --quick --keep --json`: the whole loop, retraining and canary included. */
export async function startDemo(options: { dir: string; days: number }): Promise<DemoProcess> {
  const port = await freePort()
  const args = ['--quick', '--keep', '--json', '--dir', options.dir, '--port', String(port)]
  const child = spawn(process.execPath, [demo, ...args, '--days', String(options.days)], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const said = text(child.stderr)
  const report = (async () => {
    let out = ''
    for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      out += chunk
      if (out.endsWith('\n')) return JSON.parse(out) as DemoReport
    }
    throw new Error(`the demo ended early: ${await said}`)
  })()
  // It is waited for later; until then a failure must not end the test process.
  report.catch(() => {})
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    client: createClient({ url, retries: 12 }),
    serverPid: () =>
      childrenOf(child.pid ?? -1).find(({ command }) => command.includes(`up --dir ${options.dir}`))?.pid,
    report: () => report,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const [code] = await exited
      return code
    },
  }
}
