import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

/** A file of a run. */
export interface ArtifactFile {
  kind: 'file'
  /** Relative to the run. */
  path: string
  /** Bytes. */
  size: number
  /** SHA-256, lower-case hex; absent where clients keep artifacts themselves. */
  digest?: string
  /** Milliseconds. */
  createdAt: number
}

export type ArtifactEntry = ArtifactFile | { kind: 'folder'; path: string }

/** What can be sent as a file. A stream is sent as it comes and cannot be sent again after a failure. */
export type ArtifactContent = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>

export function artifactCalls({ send, open }: Transport) {
  const file = (run: string, name: string) =>
    `${path`/v1/runs/${run}/artifacts/`}${name.split('/').map(encodeURIComponent).join('/')}`
  return {
    artifacts: {
      /** All files of a run by path; with `folder` (`''` = the run's own) those and the folders of one level. */
      list: (run: string, query?: PageInput & { folder?: string }) =>
        send<Page<ArtifactEntry>>({
          method: 'GET',
          path: path`/v1/runs/${run}/artifacts`,
          query: { ...query },
        }),
      /** The file as a stream; `range` is its bytes `[start, end)`. */
      open: (run: string, name: string, range?: { start: number; end?: number }) =>
        open({
          method: 'GET',
          path: file(run, name),
          headers: range && {
            range: `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`,
          },
        }),
      /** Stores a file; while the run is going on it replaces one of the same name. */
      put: (run: string, name: string, content: ArtifactContent) =>
        send<Omit<ArtifactFile, 'kind'>>({
          method: 'PUT',
          path: file(run, name),
          content,
          idempotent: !(content instanceof ReadableStream),
        }),
      /** Deletes a file, or a folder with all in it; what is missing is no error. */
      delete: (run: string, name: string) =>
        send<{ files: number; bytes: number }>({ method: 'DELETE', path: file(run, name) }),
    },
  }
}
