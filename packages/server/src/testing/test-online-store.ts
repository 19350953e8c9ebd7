import { basename, join } from 'node:path'
import { createRedisOnlineStore } from '../drivers/online-store/redis.ts'
import { createSqliteOnlineStore } from '../drivers/online-store/sqlite.ts'
import type { OnlineStore } from '../ports/online-store.ts'

/**
 * An empty online store: a file in the folder, or keys of its own in Redis where there is one (the services suite), so
 * that one test proves the same on both.
 */
export async function openTestOnlineStore(dir: string): Promise<OnlineStore> {
  const url = process.env.MILLRACE_TEST_REDIS_URL
  if (!url) return createSqliteOnlineStore({ path: join(dir, 'online.db') })
  return createRedisOnlineStore({
    url,
    password: process.env.MILLRACE_TEST_REDIS_PASSWORD,
    prefix: `${basename(dir)}:`,
  })
}
