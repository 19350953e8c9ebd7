import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fail } from '@millrace/protocol'

/**
 * Makes this process the only control plane of a folder. The lock is the operating system's lock of an SQLite file,
 * so it ends with the process, however that ends.
 * @throws `control_plane.running` if another process holds it.
 */
export function lockFolder(dir: string): { release(): void } {
  mkdirSync(dir, { recursive: true })
  const lock = new DatabaseSync(join(dir, 'control-plane.lock'))
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw fail('control_plane.running', { dir }, error)
  }
  return { release: () => lock.close() }
}
