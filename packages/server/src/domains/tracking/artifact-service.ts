import { fail, isPlatformError } from '@millrace/protocol'
import type { Page, PageInput } from '../../kernel/paging.ts'
import {
  type Artifact,
  type ArtifactBody,
  type ArtifactReader,
  type ArtifactService,
  type ByteRange,
  folderOfUri,
  type ReadableEntry,
  type ReadableFile,
} from '../artifacts/index.ts'
import type { Run } from './run.ts'

/** The files of runs, by paths relative to the run. */
export interface RunArtifactService {
  /**
   * Stores a file. While the run is going on a path may be written again; after its end only new paths (or the same
   * bytes) are accepted.
   * @throws `run.not_found`, `run.artifact_exists`, `artifact.not_writable` where clients keep artifacts themselves, and
   *   what putting artifacts throws
   */
  logArtifact(run: string, path: string, body: ArtifactBody): Promise<Artifact>
  /**
   * All files of the run by path, or with `folder` (`''` = the run's) those and the folders of this level, which is
   * the only way where clients keep artifacts themselves.
   * @throws `run.not_found`, `artifact.not_readable`
   */
  listArtifacts(run: string, page?: PageInput & { folder?: string }): Promise<Page<ReadableEntry>>
  /** @throws `run.not_found`, `run.artifact_not_found`, `artifact.not_readable` */
  findArtifact(run: string, path: string): Promise<ReadableFile>
  /** @throws as findArtifact; `artifact.range_invalid` */
  readArtifact(run: string, path: string, range?: ByteRange): ReturnType<ArtifactReader['get']>
  /**
   * Deletes a file or a folder; what is missing is no error.
   * @throws `run.not_found`, `artifact.sealed`, `artifact.not_writable`
   */
  deleteArtifact(run: string, path: string): Promise<{ files: number; bytes: number }>
}

export interface RunArtifactDeps {
  artifacts: ArtifactService
  reader: ArtifactReader
  getRun(id: string): Promise<Pick<Run, 'status' | 'artifactUri'>>
}

export function createRunArtifactService({ artifacts, reader, getRun }: RunArtifactDeps): RunArtifactService {
  async function locateWritable(id: string) {
    const { status, artifactUri: uri } = await getRun(id)
    const folder = folderOfUri(uri)
    if (folder === undefined) throw fail('artifact.not_writable', { uri })
    return { status, folder }
  }

  return {
    async logArtifact(id, path, body) {
      const { status, folder } = await locateWritable(id)
      try {
        const artifact = await artifacts.put(`${folder}/${path}`, body, { overwrite: status === 'RUNNING' })
        return { ...artifact, path }
      } catch (error) {
        throw named(error, 'artifact.exists', () => fail('run.artifact_exists', { run: id, path }, error))
      }
    },
    async listArtifacts(id, { folder, limit = 50, pageToken } = {}) {
      const { artifactUri: uri } = await getRun(id)
      const own = folderOfUri(uri)
      const after = pageToken === undefined ? undefined : fromToken(pageToken)
      const { items, next } =
        folder === undefined && own !== undefined
          ? await listFiles(own, { after, limit })
          : await listFolder(uri, folder ?? '', { after, limit })
      return next === undefined ? { items } : { items, nextPageToken: toToken(next) }
    },
    async findArtifact(id, path) {
      const { artifactUri } = await getRun(id)
      const found = await reader.find(artifactUri, path)
      if (!found) throw fail('run.artifact_not_found', { run: id, path })
      return found
    },
    async readArtifact(id, path, range) {
      const { artifactUri } = await getRun(id)
      try {
        return await reader.get(artifactUri, path, { range })
      } catch (error) {
        throw named(error, 'artifact.not_found', () =>
          fail('run.artifact_not_found', { run: id, path }, error),
        )
      }
    },
    async deleteArtifact(id, path) {
      const { folder } = await locateWritable(id)
      return artifacts.delete(`${folder}/${path}`)
    },
  }

  async function listFiles(folder: string, { after, limit }: { after?: string; limit: number }) {
    const whole = { after: after === undefined ? undefined : `${folder}/${after}`, limit }
    const { items, next } = await artifacts.listTree(folder, whole)
    const inRun = (path: string) => path.slice(folder.length + 1)
    return {
      items: items.map((item): ReadableEntry => ({ kind: 'file', ...item, path: inRun(item.path) })),
      next: next === undefined ? undefined : inRun(next),
    }
  }

  async function listFolder(uri: string, folder: string, page: { after?: string; limit: number }) {
    return reader.list(uri, folder, page)
  }
}

function named(error: unknown, code: string, instead: () => Error): unknown {
  return isPlatformError(error) && error.code === code ? instead() : error
}

function toToken(place: string): string {
  return Buffer.from(place).toString('base64url')
}

/** @throws `request.invalid` for a token that no answer gave */
function fromToken(token: string): string {
  const place = Buffer.from(token, 'base64url').toString('utf8')
  if (place !== '' && toToken(place) === token) return place
  throw fail('request.invalid', {
    reason: `pageToken "${token.slice(0, 80)}" is not one of a previous answer`,
  })
}
