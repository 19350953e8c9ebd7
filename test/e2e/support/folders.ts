import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TempFolder {
  path: string
  remove(): Promise<void>
}

/** A folder of the system's for temporary files. */
export async function tempFolder(): Promise<TempFolder> {
  return removable(await mkdtemp(join(tmpdir(), 'millrace-e2e-')))
}

/** A folder within the repository: what is in it finds the workspace's packages without an installation. */
export async function projectFolder(): Promise<TempFolder> {
  const parent = join(import.meta.dirname, '..', '.tmp')
  await mkdir(parent, { recursive: true })
  return removable(await mkdtemp(join(parent, 'project-')))
}

function removable(path: string): TempFolder {
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}
