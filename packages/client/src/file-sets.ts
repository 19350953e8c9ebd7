import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

/** A file of a version of a file set. */
export interface FileEntry {
  /** Relative, separated by `/`. */
  path: string
  /** SHA-256, lower-case hex. */
  digest: string
  /** Bytes. */
  size: number
}

/** Immutable: a folder of any files, named by its content. */
export interface FileSetVersion {
  fileSet: string
  version: string
  files: number
  bytes: number
  /** What was said when it was added last. */
  message?: string
  /** Milliseconds. */
  createdAt: number
  /** When it was added last, milliseconds: the same files may come again after others. */
  addedAt: number
}

export interface FileSetSummary {
  name: string
  versions: number
  latest: FileSetVersion
}

/** What one path is in two versions; a side is absent where it has no such file. */
export interface FileChange {
  path: string
  change: 'added' | 'removed' | 'changed'
  from?: { digest: string; size: number }
  to?: { digest: string; size: number }
}

export interface FileSetDiff {
  fileSet: string
  /** Versions. */
  from: string
  to: string
  added: { files: number; bytes: number }
  removed: { files: number; bytes: number }
  changed: { files: number }
  /** By path. */
  items: FileChange[]
  /** Absent on the last page. */
  nextPageToken?: string
}

/** Where a tag is, or was; without a version where it had been taken away. */
export interface TagMove {
  tag: string
  version?: string
  /** Milliseconds. */
  movedAt: number
}

/** An output of DVC, as a `.dvc` file names it. */
export interface DvcOutput {
  /** MD5; of a folder that of its directory object, with `.dir`. */
  md5: string
  /** Bytes of all files. */
  size: number
  /** Absent of a single file. */
  nfiles?: number
}

type Content = Uint8Array<ArrayBuffer> | Blob

export function fileSetCalls({ send, open }: Transport) {
  const version = (fileSet: string, id: string) => path`/v1/file-sets/${fileSet}/versions/${id}`
  return {
    blobs: {
      /** Those of the digests (20,000 at most) whose bytes have to be sent. */
      missing: async (digests: readonly string[]) =>
        (
          await send<{ missing: string[] }>({
            method: 'POST',
            path: '/v1/blobs/missing',
            body: { digests },
            idempotent: true,
          })
        ).missing,
      /**
       * Sends many files of at most 4 MiB at once: a line `[[digest, size], …]`, then the bytes of all.
       * @returns how many there were, and how many of them were new
       */
      putBatch: (content: Content) =>
        send<{ files: number; bytes: number; added: { files: number; bytes: number } }>({
          method: 'POST',
          path: '/v1/blob-batches',
          content,
          idempotent: true,
        }),
      /** Sends one file of any size. */
      put: (digest: string, content: Content) =>
        send<{ digest: string; size: number }>({ method: 'PUT', path: path`/v1/blobs/${digest}`, content }),
      /** The bytes of one as a stream. */
      open: (digest: string) => open({ method: 'GET', path: path`/v1/blobs/${digest}` }),
      /** The bytes of all (20,000 at most), one after the other, as a stream. */
      openMany: (digests: readonly string[]) =>
        open({ method: 'POST', path: '/v1/blobs/read', body: { digests }, idempotent: true }),
    },
    fileSets: {
      /** Makes files a version; `content` has a line `{path, digest, size}` for each, by path in the order of code points. */
      add: (fileSet: string, content: Content, query: { message?: string } = {}) =>
        send<FileSetVersion>({
          method: 'POST',
          path: path`/v1/file-sets/${fileSet}/versions`,
          query,
          content,
          idempotent: true,
        }),
      /** By name. */
      list: (page?: PageInput) =>
        send<Page<FileSetSummary>>({ method: 'GET', path: '/v1/file-sets', query: { ...page } }),
      /** Latest first. */
      versions: (fileSet: string, page?: PageInput) =>
        send<Page<FileSetVersion>>({
          method: 'GET',
          path: path`/v1/file-sets/${fileSet}/versions`,
          query: { ...page },
        }),
      /** By its id, the beginning of it, or `latest`. */
      version: (fileSet: string, id: string) =>
        send<FileSetVersion>({ method: 'GET', path: version(fileSet, id) }),
      /** By path. */
      files: (fileSet: string, id: string, page?: PageInput) =>
        send<Page<FileEntry>>({
          method: 'GET',
          path: `${version(fileSet, id)}/files`,
          query: { ...page },
        }),
      /** One file as a stream. */
      openFile: (fileSet: string, id: string, file: string) =>
        open({
          method: 'GET',
          path: `${version(fileSet, id)}/files/${file.split('/').map(encodeURIComponent).join('/')}`,
        }),
      /** What differs between two versions. */
      diff: (fileSet: string, query: PageInput & { from: string; to?: string }) =>
        send<FileSetDiff>({ method: 'GET', path: path`/v1/file-sets/${fileSet}/diff`, query: { ...query } }),
      /** Where the tags are, by name. */
      tags: async (fileSet: string) =>
        (
          await send<{ items: Required<TagMove>[] }>({
            method: 'GET',
            path: path`/v1/file-sets/${fileSet}/tags`,
          })
        ).items,
      /** Moves a tag to a version. */
      tag: (fileSet: string, id: string, tag: string) =>
        send<Required<TagMove>>({
          method: 'PUT',
          path: path`/v1/file-sets/${fileSet}/tags/${tag}`,
          body: { version: id },
        }),
      /** Its history stays. */
      removeTag: (fileSet: string, tag: string) =>
        send<object>({
          method: 'DELETE',
          path: path`/v1/file-sets/${fileSet}/tags/${tag}`,
          idempotent: false,
        }),
      /** Where a tag has been, latest first. */
      tagHistory: (fileSet: string, tag: string, page?: PageInput) =>
        send<Page<TagMove>>({
          method: 'GET',
          path: path`/v1/file-sets/${fileSet}/tags/${tag}/history`,
          query: { ...page },
        }),
      /** Removes a version that has no tag; its bytes go with `garbage.collect`. */
      remove: (fileSet: string, id: string) =>
        send<FileSetVersion>({ method: 'DELETE', path: version(fileSet, id), idempotent: false }),
      /** Removes versions that are neither among the last, nor new enough, nor tagged; gives those. */
      prune: async (fileSet: string, input: { last: number; days?: number; dryRun?: boolean }) =>
        (
          await send<{ items: FileSetVersion[] }>({
            method: 'POST',
            path: path`/v1/file-sets/${fileSet}/prune`,
            body: input,
            idempotent: true,
          })
        ).items,
    },
    dvc: {
      /** Puts a version into a project, so that `dvc pull` finds it at `/dvc/<project>`. */
      export: (project: string, input: { fileSet: string; version?: string }) =>
        send<DvcOutput & { version: string }>({
          method: 'POST',
          path: path`/v1/dvc/${project}/exports`,
          body: input,
          idempotent: true,
        }),
      /** Makes what was pushed to a project a version; a single file is called `path` in it. */
      import: (project: string, input: { object: string; path: string; fileSet: string; message?: string }) =>
        send<FileSetVersion>({
          method: 'POST',
          path: path`/v1/dvc/${project}/imports`,
          body: input,
          idempotent: true,
        }),
    },
  }
}
