import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from './file-error.ts'
import { isSegment } from './keys.ts'

/**
 * The keys that begin with `prefix` and come after `after`, in byte order; folder by folder, so that memory holds one
 * folder per level. Symbolic links and files with names that are no segments are passed over.
 */
export async function* walkKeys(root: string, prefix: string, after: string): AsyncGenerator<string> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  yield* walkFolder(root, folder, { prefix, after })
}

async function* walkFolder(
  root: string,
  folder: string,
  bounds: { prefix: string; after: string },
): AsyncGenerator<string> {
  // A folder sorts as its name with the slash: "a-b" comes before "a/c", which comes before "a0".
  const names = (await entries(join(root, folder)))
    .filter((entry) => isSegment(entry.name) && (entry.isFile() || entry.isDirectory()))
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    .sort(byBytes)
  for (const name of names) {
    if (name.endsWith('/')) {
      const outside = !name.startsWith(bounds.prefix) && !bounds.prefix.startsWith(name)
      const passed = name < bounds.after && !bounds.after.startsWith(name)
      if (!outside && !passed) yield* walkFolder(root, name, bounds)
    } else if (name.startsWith(bounds.prefix) && name > bounds.after) {
      yield name
    }
  }
}

async function entries(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Keys are ASCII: the order of code units is the order of bytes. */
function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
