import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fail } from '@millrace/protocol/errors'
import { incomingFolder } from '@millrace/protocol/file-path'

/** In the name of what arrives: a folder may be shared by hosts, and a process is known only on its own. */
const host = hostname()
  .replace(/[^\w.-]/g, '_')
  .slice(0, 64)

/**
 * Makes a folder in which the files of one checkout arrive: within the folder that they belong to, so that they get their
 * places without being copied. Those of checkouts that were killed on this host are removed; others may go on at the same
 * time.
 * @throws `file_set.checkout_refused` if what has the name of the folder for arrivals is none, such as a link to one
 */
export function createArrivals(folder: string): { path: string; remove: () => void } {
  const all = join(folder, incomingFolder)
  const path = makeOwn(folder, all)
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true })
      try {
        rmdirSync(all)
      } catch (error) {
        const code = codeOf(error)
        // Another checkout is going on, or has just removed it.
        if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error
      }
    },
  }
}

/** @throws `file_set.checkout_refused` if files of a checkout would arrive elsewhere than within the folder */
export function checkArrivals(folder: string): void {
  const found = lstatSync(join(folder, incomingFolder), { throwIfNoEntry: false })
  if (!found || found.isDirectory()) return
  const reason = 'stands where the files of checkouts arrive and is no folder'
  const advice = 'Move it away first.'
  throw fail('file_set.checkout_refused', { count: 1, folder, path: incomingFolder, reason, advice })
}

function makeOwn(folder: string, all: string): string {
  try {
    return tryMakeOwn(folder, all)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    // Another checkout came to its end and removed what was empty.
    return tryMakeOwn(folder, all)
  }
}

function tryMakeOwn(folder: string, all: string): string {
  checkArrivals(folder)
  mkdirSync(all, { recursive: true })
  for (const name of readdirSync(all)) {
    if (isLeft(name)) rmSync(join(all, name), { recursive: true, force: true })
  }
  return mkdtempSync(join(all, `${process.pid}-${host}-`))
}

/** Whether it is of a checkout that was killed on this host. */
function isLeft(name: string): boolean {
  const [, pid, on] = /^(\d+)-(.+)-[A-Za-z0-9]{6}$/.exec(name) ?? []
  return pid !== undefined && on === host && !isRunning(Number(pid))
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    // Somebody else's.
    return codeOf(error) === 'EPERM'
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
