import type {
  Artifact,
  ArtifactBody,
  ArtifactEntry,
  ArtifactUpload,
  ByteRange,
  FolderDigest,
  OpenedArtifact,
  PutArtifactOptions,
  UploadedPart,
} from './artifact.ts'
import { type ArtifactDeps, createArtifactFiles } from './files.ts'
import { createArtifactSeals } from './seals.ts'
import { createArtifactUploads } from './uploads.ts'

/**
 * The files of runs and logged models, by paths relative to the artifact root: `<experiment>/<run>/artifacts/…`,
 * `<experiment>/models/<id>/artifacts/…`. Bytes lie in the object store under `artifacts/<path>`.
 *
 * Guarantees
 * - A path that is empty, absolute, has a backslash, `#`, control characters or an empty, `.` or `..` part, also after
 *   decoding `%XX` any number of times, is `artifact.path_invalid`. No path leaves the artifact root.
 * - A put is atomic and streamed: readers see the whole old or the whole new file, and of concurrent puts one wins
 *   whole. When the body fails or is too large nothing is kept.
 * - A digest is always that of the bytes: after a crash between them it is computed again by the next reader.
 * - Bytes beneath a sealed folder never change.
 */
export type ArtifactService = ArtifactFiles & ArtifactUploads & ArtifactSeals

export interface ArtifactFiles {
  /** Most bytes of one file. */
  readonly limit: number
  /**
   * Stores a file and makes its folders. The same bytes again change nothing.
   * @throws `artifact.path_invalid`, `artifact.sealed`, `artifact.exists`, `artifact.too_large`, what the body throws
   */
  put(path: string, body: ArtifactBody, options?: PutArtifactOptions): Promise<Artifact>
  /**
   * Opens a file.
   * @throws `artifact.not_found` (of folders too), `artifact.range_invalid` for a range that begins beyond its end
   */
  get(path: string, options?: { range?: ByteRange }): Promise<OpenedArtifact>
  find(path: string): Promise<Artifact | undefined>
  /** One level of a folder (`''` = the root) by path in byte order; a missing folder is empty. */
  list(
    folder: string,
    page?: { after?: string; limit?: number },
  ): Promise<{ items: ArtifactEntry[]; next?: string }>
  /** All files beneath a folder, by path in byte order. */
  listTree(
    folder: string,
    page?: { after?: string; limit?: number },
  ): Promise<{ items: Artifact[]; next?: string }>
  /**
   * Deletes a file or a folder with all beneath; what is missing is no error.
   * @throws `artifact.sealed` if a file to be deleted lies in a sealed folder; nothing is deleted then
   */
  delete(path: string): Promise<{ files: number; bytes: number }>
}

/** Immutability of what is named elsewhere, e.g. the files of a model version. */
export interface ArtifactSeals {
  /**
   * Digest of everything in the folder; of an empty or missing one it is that of no lines, with `files: 0`.
   */
  digestOf(folder: string): Promise<FolderDigest>
  /**
   * From now on the files beneath the folder neither change nor vanish and none is added, until every holder has let
   * go; putting the same bytes again is fine. `holder` says who needs them, e.g. `models:/fraud/3`. Repeatable.
   * @throws `artifact.busy` (retryable) while a file beneath is being replaced
   */
  seal(folder: string, holder: string): Promise<FolderDigest>
  /** Lets go; no error if it did not hold. */
  unseal(folder: string, holder: string): Promise<void>
  /** Whether a sealed folder is this one, lies in it or holds it. */
  isSealed(folder: string): Promise<boolean>
}

/** Large files in parts that may arrive in any order and at the same time. Abandoned uploads are collected as garbage. */
export interface ArtifactUploads {
  /**
   * Begins an upload. Whoever knows its id may add parts: it is not to be guessed.
   * @throws `artifact.path_invalid`, `artifact.sealed`, `artifact.upload_invalid` for a number of parts beyond 1..10,000
   */
  createUpload(path: string, parts: number): Promise<ArtifactUpload>
  /** Stores one part; a part sent again replaces the former. @throws `artifact.upload_not_found`, `artifact.upload_invalid` */
  putPart(
    upload: string,
    number: number,
    body: ArtifactBody,
    options?: { limit?: number },
  ): Promise<UploadedPart>
  /**
   * Puts the parts together, by number, as one file. `parts` (with digests where the client has them) must be all
   * that were announced.
   * @throws `artifact.upload_not_found`, `artifact.upload_invalid` naming the missing or different part; errors of put
   */
  completeUpload(
    upload: string,
    parts: readonly { number: number; digest?: string }[],
    options?: PutArtifactOptions,
  ): Promise<Artifact>
  /** Forgets the upload and its parts; no error if there is none. */
  abortUpload(upload: string): Promise<void>
}

export function createArtifactService(deps: ArtifactDeps): ArtifactService {
  const files = createArtifactFiles(deps)
  return { ...files, ...createArtifactUploads(deps, files), ...createArtifactSeals(deps) }
}
