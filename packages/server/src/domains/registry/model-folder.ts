import { createHash } from 'node:crypto'
import { fail, isPlatformError } from '@millrace/protocol'
import type { ArtifactReader, ArtifactService, ReadableFile } from '../artifacts/index.ts'
import { folderOfUri } from '../artifacts/index.ts'
import type { ModelFolder } from './links.ts'

/** Folders in places of others are read as a whole for their digest only up to this size. */
const mostBytes = 1024 * 1024 * 1024

/**
 * Opens folders with models by their URI: in this server's own store, where they can be sealed, or in one of the
 * places of others that it may read.
 */
export function createModelFolders(
  artifacts: ArtifactService,
  reader: ArtifactReader,
): (location: string) => Promise<ModelFolder | undefined> {
  return async (location) => {
    try {
      // An empty page is enough to know whether the place is readable at all.
      await reader.list(location, '', { limit: 1 })
    } catch (error) {
      if (isPlatformError(error) && error.code.startsWith('artifact.')) return undefined
      throw error
    }
    const own = folderOfUri(location)
    return {
      digest: () => (own === undefined ? digestElsewhere(reader, location) : artifacts.digestOf(own)),
      async seal(holder) {
        if (own !== undefined) await artifacts.seal(own, holder)
      },
      async unseal(holder) {
        if (own !== undefined) await artifacts.unseal(own, holder)
      },
      list: (limit) => listFiles(reader, location, limit),
      read: (path, limit) => readFile(reader, { location, path, limit }),
      async has(path) {
        if (await reader.find(location, path)) return true
        return (await reader.list(location, path, { limit: 1 })).items.length > 0
      },
    }
  }
}

async function readFile(
  reader: ArtifactReader,
  { location, path, limit }: { location: string; path: string; limit: number },
): Promise<Uint8Array | undefined> {
  const found = await reader.find(location, path)
  if (!found) return undefined
  if (found.size > limit) throw fail('artifact.too_large', { path, limit })
  const { body } = await reader.get(location, path)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > limit) throw fail('artifact.too_large', { path, limit })
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function listFiles(
  reader: ArtifactReader,
  location: string,
  limit: number,
): Promise<{ path: string; size: number }[]> {
  const files: { path: string; size: number }[] = []
  for await (const { path, size } of filesIn(reader, location)) {
    files.push({ path, size })
    if (files.length === limit) break
  }
  return files
}

async function* filesIn(reader: ArtifactReader, location: string): AsyncGenerator<ReadableFile> {
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let after: string | undefined
    do {
      const page = await reader.list(location, folder, { after })
      for (const entry of page.items) {
        if (entry.kind === 'folder') folders.push(entry.path.replace(/\/$/, ''))
        else yield entry
      }
      after = page.next
    } while (after !== undefined)
  }
}

/** As `ArtifactSeals.digestOf`, by reading all files; null if they are too much for that. */
async function digestElsewhere(
  reader: ArtifactReader,
  location: string,
): Promise<{ digest: string | null; files: number }> {
  const lines: string[] = []
  let bytes = 0
  for await (const { path, size } of filesIn(reader, location)) {
    bytes += size
    if (bytes > mostBytes) return { digest: null, files: lines.length + 1 }
    const hash = createHash('sha256')
    for await (const part of (await reader.get(location, path)).body) hash.update(part)
    lines.push(`${hash.digest('hex')} ${path}\n`)
  }
  const path = (line: string) => Buffer.from(line.slice(65))
  lines.sort((a, b) => Buffer.compare(path(a), path(b)))
  return { digest: createHash('sha256').update(lines.join('')).digest('hex'), files: lines.length }
}
