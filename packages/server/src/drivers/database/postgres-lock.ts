import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { DatabaseLock } from '../../ports/database.ts'
import { translatePostgresError } from './postgres-error.ts'

const regainMs = 1000

/**
 * An advisory lock on a connection of its own: the server gives it back when the connection ends. A connection that
 * breaks is replaced and the lock taken again, unless another process was faster.
 * @throws `storage.unavailable` if there is no connection.
 */
export async function takePostgresLock(
  connectionString: string,
  name: string,
): Promise<DatabaseLock | undefined> {
  const first = await tryLock(connectionString, name).catch((error: unknown) => {
    throw translatePostgresError(error)
  })
  if (!first) return undefined
  let holder = first
  let released = false
  const { promise: lost, resolve } = Promise.withResolvers<void>()

  async function regain(): Promise<void> {
    while (!released) {
      // Nobody else gets the lock either while the server cannot be reached.
      const next = await tryLock(connectionString, name).catch(() => 'unreachable' as const)
      if (next === undefined) return resolve()
      if (next !== 'unreachable') {
        hold(next)
        if (released) await next.end()
        return
      }
      await sleep(regainMs, undefined, { ref: false })
    }
  }
  function hold(client: Client): void {
    holder = client
    client.once('end', () => void regain())
  }
  hold(first)

  return {
    lost,
    async release() {
      if (released) return
      released = true
      // The end of a connection is noticed a moment later; whoever waits for the release may rely on this.
      await holder.query('select pg_advisory_unlock_all()').catch(() => undefined)
      await holder.end()
    },
  }
}

/** @returns the connection that holds the lock, or undefined if another one does. */
async function tryLock(connectionString: string, name: string): Promise<Client | undefined> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: 10_000,
    application_name: `millrace ${name}`,
    keepAlive: true,
  })
  // A connection that breaks emits this before its end; without a listener it ends the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    // So that a holder whose machine is gone keeps the lock for half a minute at most, and an idle one for ever.
    await client.query(
      'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; set idle_session_timeout = 0',
    )
    const { rows } = await client.query<{ held: boolean }>(
      `select pg_try_advisory_lock(hashtextextended(concat('millrace/', current_schema(), '/', $1::text), 0)) as held`,
      [name],
    )
    if (rows[0]?.held) return client
  } catch (error) {
    await client.end()
    throw error
  }
  await client.end()
  return undefined
}
