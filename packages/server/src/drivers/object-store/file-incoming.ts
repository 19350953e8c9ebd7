import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** `~` is in no key, so what arrives is never listed and never addressed. */
const folderName = '~incoming'
const abandonedAfterMs = 24 * 60 * 60 * 1000

/**
 * Writes the body into a new file of the store's file system and makes it durable; gives its path and size. Nothing
 * is left when the body or the disk fails.
 */
export async function receive(root: string, body: AsyncIterable<Uint8Array>) {
  const folder = join(root, folderName)
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  const file = await open(path, 'wx')
  let size = 0
  try {
    for await (const chunk of body) {
      await file.writeFile(chunk)
      size += chunk.byteLength
    }
    // Without it a power failure right after the rename could leave an empty object.
    await file.datasync()
    await file.close()
    return { path, size }
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
}

/** Removes what killed processes left unfinished long ago. */
export async function removeAbandoned(root: string): Promise<void> {
  const folder = join(root, folderName)
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true })
  }
}
