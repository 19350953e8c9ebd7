import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(import.meta.resolve('millrace/bin'))

export interface ServerProcess {
  readonly url: string
  /** Times that the server died and was started again. */
  restarts(): number
  stop(): Promise<void>
}

/**
 * Runs `millrace up`. If the server dies it is started again on the same folder and port, as a service manager
 * would: the control plane goes on where it was.
 */
export async function startServerProcess(options: {
  dir: string
  port: number
  onRestart(signal: string): void
}): Promise<ServerProcess> {
  const port = options.port === 0 ? await findFreePort() : options.port
  const url = `http://127.0.0.1:${port}`
  let restarts = 0
  let stopping = false
  let child = await start()

  async function start(): Promise<ChildProcess> {
    const args = [cli, 'up', '--dir', options.dir, '--port', String(port)]
    const started = spawn(process.execPath, args, {
      // The channel ends the server with this process, however that ends.
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, MILLRACE_LAUNCHER: '1' },
    })
    if (!started.stdout) throw new Error('the server has no output')
    const lines = createInterface({ input: started.stdout })
    const ready = (async () => {
      for await (const line of lines) if (line === `ready ${url}`) return true
      return false
    })()
    if (!(await ready)) throw new Error(`the server on ${url} ended before it was ready`)
    started.stdout.resume()
    started.once('exit', (code, signal) => {
      if (stopping) return
      restarts++
      options.onRestart(signal ?? `exit code ${code}`)
      start().then(
        (next) => {
          child = next
        },
        (error: unknown) => process.stderr.write(`could not restart the server: ${String(error)}\n`),
      )
    })
    return started
  }

  return {
    url,
    restarts: () => restarts,
    async stop() {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
