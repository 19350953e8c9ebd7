import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { incomingFolder } from '@millrace/protocol/file-path'

/**
 * Makes a folder in which the files of one checkout arrive: within the folder that they belong to, so that they get their
 * places without being copied. Those of checkouts that were killed are removed; others may go on at the same time.
 */
export function createArrivals(folder: string): { path: string; remove: () => void } {
  const all = join(folder, incomingFolder)
  mkdirSync(all, { recursive: true })
  for (const name of readdirSync(all)) {
    if (!isRunning(Number.parseInt(name, 10))) rmSync(join(all, name), { recursive: true, force: true })
  }
  const path = mkdtempSync(join(all, `${process.pid}-`))
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true })
      try {
        rmdirSync(all)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        // Another checkout is going on, or has just removed it.
        if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error
      }
    },
  }
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    // Somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
