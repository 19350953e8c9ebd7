import { fail, isPlatformError } from '@millrace/protocol'
import type { ArtifactRoot, RootEntry } from '../../ports/artifact-root.ts'
import { type Artifact, type ByteRange, boundsOf } from './artifact.ts'
import { checkArtifactFolder, checkArtifactPath } from './artifact-path.ts'
import { started } from './body.ts'
import { folderOfUri, splitUri } from './location.ts'
import type { ArtifactFiles } from './service.ts'

/** A file that can be read here; one that others keep has no known digest. */
export type ReadableFile = Omit<Artifact, 'digest'> & { digest?: string }
export type ReadableEntry = ({ kind: 'file' } & ReadableFile) | { kind: 'folder'; path: string }

/**
 * Reads artifacts by the URI of the folder of their run or model, wherever they lie: in this server's own store
 * (`mlflow-artifacts:/…`) or in one of the places that the configuration names. Paths are relative to that URI.
 *
 * Every function throws `artifact.not_readable` for a URI that is in none of them, `artifact.path_invalid`.
 */
export interface ArtifactReader {
  find(uri: string, path: string): Promise<ReadableFile | undefined>
  /** @throws `artifact.not_found`, `artifact.range_invalid` */
  get(
    uri: string,
    path: string,
    options?: { range?: ByteRange },
  ): Promise<{
    artifact: ReadableFile
    range: { start: number; end: number }
    body: AsyncIterable<Uint8Array>
  }>
  /** One level of a folder (`''` = that of the URI). `next` is opaque. */
  list(
    uri: string,
    folder: string,
    page?: { after?: string; limit?: number },
  ): Promise<{ items: ReadableEntry[]; next?: string }>
}

export function createArtifactReader(own: ArtifactFiles, roots: readonly ArtifactRoot[]): ArtifactReader {
  /** Where the URI lies, and the way back from whole paths to those relative to it. */
  function locate(uri: string) {
    const folder = folderOfUri(uri)
    const place = folder === undefined ? locateOutside(uri) : { folder, root: undefined }
    const begin = place.folder === '' ? '' : `${place.folder}/`
    return {
      root: place.root,
      whole: (path: string) => (path === '' ? place.folder : begin + path),
      relative: <Entry extends { path: string }>(entry: Entry): Entry => ({
        ...entry,
        path: entry.path.slice(begin.length),
      }),
    }
  }

  function locateOutside(uri: string): { root: ArtifactRoot; folder: string } {
    for (const root of roots) {
      const folder = splitUri(root.uri, uri)
      if (folder === undefined) continue
      try {
        checkArtifactFolder(folder)
      } catch (error) {
        if (!isPlatformError(error)) throw error
        throw fail('artifact.not_readable', { uri, reason: error.message }, error)
      }
      return { root, folder }
    }
    const reason =
      roots.length === 0
        ? 'no place outside of its own store is configured'
        : `it lies in none of ${roots.map((root) => root.uri).join(', ')}`
    throw fail('artifact.not_readable', { uri, reason })
  }

  return {
    async find(uri, path) {
      checkArtifactPath(path)
      const { root, whole, relative } = locate(uri)
      const found = root ? await fileIn(root, whole(path)) : await own.find(whole(path))
      return found && relative(found)
    },
    async get(uri, path, { range } = {}) {
      checkArtifactPath(path)
      const { root, whole, relative } = locate(uri)
      if (!root) {
        const opened = await own.get(whole(path), { range })
        return { ...opened, artifact: relative(opened.artifact) }
      }
      const artifact = await fileIn(root, whole(path))
      if (!artifact) throw fail('artifact.not_found', { path })
      const bounds = boundsOf(artifact, range)
      const body = await started(await root.get(whole(path), range && bounds))
      return { artifact: relative(artifact), range: bounds, body }
    },
    async list(uri, folder, page) {
      checkArtifactFolder(folder)
      const { root, whole, relative } = locate(uri)
      const { items, next }: { items: ReadableEntry[]; next?: string } = root
        ? await entriesOf(root, whole(folder), page)
        : await own.list(whole(folder), page)
      return { items: items.map(relative), next }
    },
  }
}

async function fileIn(root: ArtifactRoot, path: string): Promise<ReadableFile | undefined> {
  const found = await root.find(path)
  return found && { path, size: found.size, createdAt: found.modifiedAt }
}

async function entriesOf(root: ArtifactRoot, folder: string, page?: { after?: string; limit?: number }) {
  const { items, next } = await root.list(folder, page)
  const entry = (item: RootEntry): ReadableEntry =>
    item.kind === 'folder'
      ? item
      : { kind: 'file', path: item.path, size: item.size, createdAt: item.modifiedAt }
  return { items: items.map(entry), next }
}
