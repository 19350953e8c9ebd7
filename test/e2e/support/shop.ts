import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectFolder } from './folders.ts'
import { type Ended, millrace, type Server, startServer } from './millrace.ts'

/** The starter project with its server, as a newcomer has them. */
export interface Shop {
  dir: string
  readonly server: Server
  /** Runs a command in the project's folder, against its server. */
  run(args: readonly string[], env?: Record<string, string>): Promise<Ended>
  /** The same with `--json`. @throws Error if it does not exit with 0 */
  json<T>(args: readonly string[]): Promise<T>
  /** Replaces text in a file of the project; gives what undoes it. */
  edit(file: string, change: (text: string) => string): Promise<() => Promise<void>>
  restart(): Promise<number | null>
  close(): Promise<void>
}

/** One request to the starter's endpoint that is as it should be. */
export const goodInputs = { ordered_at: '2025-03-01T12:30:00Z', courier: 'courier-3', distance_km: 8.5 }

export async function openShop(env: Record<string, string> = {}): Promise<Shop> {
  const folder = await projectFolder()
  const dir = join(folder.path, 'shop')
  const made = await millrace(['init', 'shop'], { cwd: folder.path })
  if (made.code !== 0) throw new Error(`init failed: ${made.err}`)
  let server = await startServer({ cwd: dir, env })
  const run: Shop['run'] = (args, more) =>
    millrace(args, { cwd: dir, env: { MILLRACE_URL: server.url, ...env, ...more } })
  return {
    dir,
    run,
    get server() {
      return server
    },
    async json<T>(args: readonly string[]) {
      const { code, out, err } = await run([...args, '--json'])
      if (code !== 0) throw new Error(`millrace ${args.join(' ')} ended with ${code}: ${err}`)
      return JSON.parse(out) as T
    },
    async edit(file, change) {
      const path = join(dir, file)
      const before = await readFile(path, 'utf8')
      await writeFile(path, change(before))
      return () => writeFile(path, before)
    },
    async restart() {
      const code = await server.stop()
      server = await startServer({ cwd: dir, env })
      return code
    },
    async close() {
      await server.stop()
      await folder.remove()
    },
  }
}
