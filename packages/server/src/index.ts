import { fail, type PlatformError } from '@millrace/protocol'
import { createApp } from './app.ts'
import { type ConfigFlags, loadConfig } from './config.ts'
import { lockControlPlane } from './control-plane-lock.ts'
import { openStateFolder } from './state-folder.ts'

export interface RunningServer {
  url: string
  /** Resolves with the reason if the server must be stopped: another one has taken over its database. */
  displaced: Promise<PlatformError>
  /** Drains and closes everything; the folder can be used by another server afterwards. */
  stop(): Promise<void>
}

/**
 * Starts a server and resolves once it answers.
 * @throws `config.invalid`, also when the port is taken or the folder cannot be used; `control_plane.running` if the folder or the database is in use
 */
export async function startServer(flags: ConfigFlags = {}): Promise<RunningServer> {
  const config = loadConfig(flags)
  await openStateFolder(config.dir)
  const lock = await lockControlPlane(config)
  try {
    const app = await createApp(config)
    try {
      await app.start()
      await app.http.listen({ host: config.host, port: config.port })
    } catch (error) {
      await app.stop()
      throw toConfigError(error, config)
    }
    const host = config.host.includes(':') ? `[${config.host}]` : config.host
    return {
      url: `http://${host}:${app.port()}`,
      displaced: lock.displaced,
      async stop() {
        await app.stop()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

function toConfigError(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    return fail(
      'config.invalid',
      { reason: `port ${port} on ${host} is taken; choose another with --port` },
      error,
    )
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return fail('config.invalid', { reason: `cannot listen on ${host}:${port} (${code})` }, error)
  }
  return error
}

export { writeArrowFile } from './arrow-file.ts'
export { type InferredFile, inferFile } from './domains/data/index.ts'
export { createDuckDbLake } from './drivers/lake/duckdb.ts'
