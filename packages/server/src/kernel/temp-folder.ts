import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFile } from './file-lock.ts'
import { newId } from './ids.ts'

const lockSuffix = '.lock'

/**
 * Makes a folder for temporary files of this process in `root`, and removes those of processes that have ended, however
 * they ended: each holds a lock on its own that ends with it.
 */
export async function openTempFolder(root: string): Promise<{ path: string; close(): Promise<void> }> {
  await mkdir(root, { recursive: true })
  await removeAbandoned(root)
  for (;;) {
    const path = join(root, newId('tmp'))
    const lock = lockFile(path + lockSuffix)
    // Another process that starts took it for one that is left.
    if (!lock) continue
    await mkdir(path)
    return {
      path,
      async close() {
        await rm(path, { recursive: true, force: true })
        // The engine of the lock removes its own files before it lets go.
        lock.release()
        await rm(path + lockSuffix, { force: true })
      },
    }
  }
}

async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith('tmp_') || !name.endsWith(lockSuffix)) continue
    const lock = lockFile(join(root, name))
    if (!lock) continue
    await rm(join(root, name.slice(0, -lockSuffix.length)), { recursive: true, force: true })
    lock.release()
    await rm(join(root, name), { force: true })
  }
}
