import { constants } from 'node:fs'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail } from '@millrace/protocol'
import type { ArtifactRoot, RootEntry, RootFile } from '../../ports/artifact-root.ts'

const chunkBytes = 256 * 1024
const mostEntries = 1000

/** A folder of this machine (or mounted on it) that clients write their artifacts to. */
export function createFileArtifactRoot({ folder }: { folder: string }): ArtifactRoot {
  const root = resolve(folder)

  /** The real place of a path; undefined if there is none, or none inside. */
  async function locate(path: string): Promise<string | undefined> {
    try {
      const realRoot = await realpath(root)
      const real = await realpath(join(root, path))
      const inside = realRoot.endsWith(sep) ? realRoot : realRoot + sep
      return real === realRoot || real.startsWith(inside) ? real : undefined
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async function find(path: string): Promise<RootFile | undefined> {
    const place = await locate(path)
    const found = place === undefined ? undefined : await lstat(place)
    return found?.isFile() ? { path, size: found.size, modifiedAt: Math.trunc(found.mtimeMs) } : undefined
  }

  return {
    uri: pathToFileURL(root).href.replace(/\/$/, ''),
    find: (path) => translated(() => find(path)),
    async get(path, range) {
      if (range && range.start === range.end) return empty()
      return translated(async () => {
        const place = (await find(path)) && (await locate(path))
        if (place === undefined) throw fail('artifact.not_found', { path })
        const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW)
        const bounds = range && { start: range.start, end: range.end - 1 }
        return file.createReadStream({ highWaterMark: chunkBytes, ...bounds }) as AsyncIterable<Uint8Array>
      })
    },
    list: (folder, { after, limit = mostEntries } = {}) =>
      translated(async () => {
        const place = await locate(folder)
        const names = place === undefined ? [] : await namesOf(place)
        const rest = after === undefined ? names : names.filter((name) => name > after)
        const size = Math.min(limit, mostEntries)
        const page = rest.slice(0, size)
        const items: RootEntry[] = []
        for (const name of page) {
          const path = folder === '' ? name : `${folder}/${name}`
          const real = await locate(path)
          if (real === undefined) continue
          const found = await lstat(real)
          if (found.isDirectory()) items.push({ kind: 'folder', path })
          else if (found.isFile()) {
            items.push({ kind: 'file', path, size: found.size, modifiedAt: Math.trunc(found.mtimeMs) })
          }
        }
        return rest.length > size ? { items, next: page.at(-1) } : { items }
      }),
  }
}

async function* empty(): AsyncGenerator<Uint8Array> {}

async function namesOf(place: string): Promise<string[]> {
  try {
    return (await readdir(place)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP'
}

async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw fail('storage.unavailable', { reason: error.message }, error)
  }
}
