/**
 * Files that others write: a place outside of this server's own store, in which clients keep the artifacts of
 * experiments themselves. It is only read. Paths are relative to the root, `/`-separated, without `.` or `..` parts;
 * names are whatever clients gave.
 *
 * Guarantees
 * - No path leads out of the root: a symbolic link that does is passed over in lists and else `artifact.not_found`.
 * - What the place cannot do is `storage.unavailable` with the cause.
 */
export interface ArtifactRoot {
  /** The whole place, e.g. `file:///data/mlruns` or `s3://bucket/prefix`; without a slash at its end. */
  readonly uri: string
  /** A file; undefined for what is missing and for folders. */
  find(path: string): Promise<RootFile | undefined>
  /** The bytes, or the range `[start, end)` of them, streamed. @throws `artifact.not_found` */
  get(path: string, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>>
  /** One level of a folder (`''` = the root), at most 1,000 entries at once; a missing folder is empty. */
  list(folder: string, page?: { after?: string; limit?: number }): Promise<RootPage>
}

export interface RootFile {
  path: string
  /** Bytes. */
  size: number
  /** Milliseconds. */
  modifiedAt: number
}

export type RootEntry = ({ kind: 'file' } & RootFile) | { kind: 'folder'; path: string }

export interface RootPage {
  items: RootEntry[]
  /** Opaque; pass as `after` to get the next page. Absent on the last one. */
  next?: string
}
