import { join } from 'node:path'
import { fail, type PlatformError } from '@millrace/protocol'
import type { Config } from './config.ts'
import { lockFile } from './kernel/file-lock.ts'
import { openDatabase } from './stores.ts'

export interface ControlPlaneLock {
  /** Resolves with `control_plane.running` when another control plane has taken over the database. */
  displaced: Promise<PlatformError>
  release(): Promise<void>
}

/**
 * Makes this process the only control plane of its folder and of its database, which may be another machine's too.
 * Both locks end with the process, however that ends.
 * @throws `control_plane.running` if another process holds one of them.
 */
export async function lockControlPlane(config: Config): Promise<ControlPlaneLock> {
  const folder = lockFile(join(config.dir, 'control-plane.lock'))
  if (!folder) {
    throw fail('control_plane.running', { where: `the folder ${config.dir}`, setting: '--dir' })
  }
  const taken = () => fail('control_plane.running', databaseOf(config))
  let close = async () => folder.release()
  try {
    const db = await openDatabase(config)
    close = async () => {
      await db.close()
      folder.release()
    }
    const lock = await db.lock('control-plane')
    if (!lock) throw taken()
    return {
      displaced: lock.lost.then(taken),
      async release() {
        await lock.release()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

function databaseOf({ database }: Config): { where: string; setting: string } {
  if (database.driver === 'sqlite') return { where: `the database ${database.path}`, setting: '--dir' }
  const withoutSecrets = database.url.replace(/\/\/.*@/, '//').replace(/\?.*/s, '')
  return { where: `the database ${withoutSecrets}`, setting: 'MILLRACE_DATABASE_URL' }
}
