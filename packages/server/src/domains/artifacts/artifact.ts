import { fail } from '@millrace/protocol'

/** A file that a run or a logged model keeps. */
export interface Artifact {
  /** Relative to the artifact root, e.g. `1/0190…/artifacts/model/MLmodel`. */
  path: string
  /** SHA-256 of the bytes, lower-case hex. */
  digest: string
  /** Bytes. */
  size: number
  /** Milliseconds. */
  createdAt: number
}

/** What a folder holds directly: files, and the folders beneath it. */
export type ArtifactEntry = ({ kind: 'file' } & Artifact) | { kind: 'folder'; path: string }

/** Bytes `[start, end)`, to the end without `end`; or the last so many bytes. */
export type ByteRange = { start: number; end?: number } | { last: number }

export type ArtifactBody = Uint8Array | AsyncIterable<Uint8Array>

export interface PutArtifactOptions {
  /** Most bytes, where fewer than the service's limit; more are `artifact.too_large` and nothing is kept. */
  limit?: number
  /** False = a path that exists accepts the same bytes only, else `artifact.exists`. */
  overwrite?: boolean
}

export interface OpenedArtifact {
  artifact: Artifact
  /** The bytes that `body` gives: the whole file, or the range cut to it. */
  range: { start: number; end: number }
  /** Streamed; it holds a file or a connection open until it is read or left. */
  body: AsyncIterable<Uint8Array>
}

export interface FolderDigest {
  /** SHA-256 over the lines `<digest> <path in the folder>\n` of all files, by path in byte order. */
  digest: string
  files: number
  bytes: number
}

export interface ArtifactUpload {
  id: string
  path: string
  /** Number of parts that were announced. */
  parts: number
}

export interface UploadedPart {
  number: number
  /** SHA-256 of its bytes. */
  digest: string
  size: number
}

/** The bytes `[start, end)` that a range has of a file. @throws `artifact.range_invalid` if it has none */
export function boundsOf(
  { path, size }: { path: string; size: number },
  range: ByteRange | undefined,
): { start: number; end: number } {
  if (!range) return { start: 0, end: size }
  if ('last' in range) {
    if (range.last === 0) throw fail('artifact.range_invalid', { path, size, range: '-0' })
    return { start: Math.max(0, size - range.last), end: size }
  }
  const { start, end = size } = range
  if (start >= size || end <= start) {
    throw fail('artifact.range_invalid', { path, size, range: `${start}-${range.end ?? ''}` })
  }
  return { start, end: Math.min(end, size) }
}
