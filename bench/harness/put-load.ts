import { join } from 'node:path'
import { getFromChild } from './child.ts'
import type { Load } from './http-load.ts'

export type { Load }

/**
 * Puts load on a server from a process of its own: POST requests of JSON, so many at once, for so many seconds.
 * `bodies`: a file with a JSON list of bodies, as texts, which are sent in turn.
 */
export async function putLoad(
  url: string,
  { connections, seconds, bodies }: { connections: number; seconds: number; bodies: string },
): Promise<Load> {
  const args = [join(import.meta.dirname, 'http-load.ts'), url, `${connections}`, `${seconds}`, bodies]
  return JSON.parse(await getFromChild(process.execPath, args))
}
