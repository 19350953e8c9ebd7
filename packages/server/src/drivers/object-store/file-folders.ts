import { realpathSync } from 'node:fs'
import { lstat, mkdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beside, isMissing, leadsOutside, systemCode } from './file-error.ts'

/** Confines the folders of keys to the real root: a symbolic link in the store never leads out of it. */
export interface FileFolders {
  /** The path of a key whose folder is known to lie inside; `undefined` if the folder does not exist. */
  find(key: string): Promise<string | undefined>
  findSync(key: string): string
  /** As find, but makes the folder. */
  make(key: string): Promise<string>
}

export function createFileFolders(root: string): FileFolders {
  let realRoot: string | undefined

  async function find(key: string) {
    const path = join(root, key)
    try {
      realRoot ??= await realpath(root)
      const actual = await realpath(dirname(path))
      if (actual !== dirname(join(realRoot, key))) throw leadsOutside(key)
      return path
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  return {
    find,
    findSync(key) {
      const path = join(root, key)
      try {
        if (realpathSync(dirname(path)) !== dirname(join(realpathSync(root), key))) throw leadsOutside(key)
      } catch (error) {
        if (!isMissing(error)) throw error
      }
      return path
    },
    async make(key) {
      const known = await find(key)
      if (known) return known
      await mkdir(root, { recursive: true })
      // One level at a time: a recursive mkdir would follow a link and make folders on its other side.
      let folder = root
      for (const segment of key.split('/').slice(0, -1)) {
        folder = join(folder, segment)
        await makeFolder(folder, key)
      }
      return join(root, key)
    },
  }
}

async function makeFolder(path: string, key: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    const found = await lstat(path)
    if (found.isSymbolicLink()) throw leadsOutside(key)
    if (!found.isDirectory()) throw beside(key)
  }
}
