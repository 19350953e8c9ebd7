import { fail } from '@millrace/protocol'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'

/** A file of a version. */
export interface FileEntry {
  /** Relative, separated by `/`; see `checkFilePath`. */
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
  /** When it was added last: the same files may come again after others. */
  addedAt: number
}

export interface FileSetSummary {
  name: string
  versions: number
  latest: FileSetVersion
}

const namePattern = /^[a-zA-Z][a-zA-Z0-9_-]{0,127}$/

/** @throws `file_set.name_invalid` */
export function checkFileSetName(name: string): void {
  if (!namePattern.test(name)) throw fail('file_set.name_invalid', { name: name.slice(0, 200) })
}

/** Equal files under equal paths are the same version, whoever added them. */
export function fileSetVersionId(pages: readonly string[]): string {
  return sha256(canonicalJson({ pages })).slice(0, 16)
}
