import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const sqliteBusy = 5

/**
 * Takes the operating system's lock of an SQLite file, which ends with the process, however that ends. The file is
 * made if needed and stays. Keep the answer: when it is collected, the lock is gone.
 * @returns undefined if it is held already, by this process or another one.
 */
export function lockFile(path: string): { release(): void } | undefined {
  mkdirSync(dirname(path), { recursive: true })
  const lock = new DatabaseSync(path)
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined
    throw error
  }
  let released = false
  return {
    release() {
      if (!released) lock.close()
      released = true
    },
  }
}
