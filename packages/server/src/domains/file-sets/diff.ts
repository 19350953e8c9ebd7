import { compareFilePaths } from '@millrace/protocol'
import type { FileEntry } from './file-set.ts'

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
  /** Files, and the bytes of those that are in `to`, or were in `from`, only. */
  added: { files: number; bytes: number }
  removed: { files: number; bytes: number }
  changed: { files: number }
  /** By path. */
  items: FileChange[]
  /** Absent on the last page. */
  nextPageToken?: string
}

/** Compares two lists of files, each in the order of its paths. */
export async function* compareFiles(
  from: AsyncIterable<FileEntry>,
  to: AsyncIterable<FileEntry>,
): AsyncGenerator<FileChange> {
  const [before, after] = [from[Symbol.asyncIterator](), to[Symbol.asyncIterator]()]
  let a = await before.next()
  let b = await after.next()
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : compareFilePaths(a.value.path, b.value.path)
    if (order < 0) {
      yield { path: a.value.path, change: 'removed', from: contentOf(a.value) }
    } else if (order > 0) {
      yield { path: b.value.path, change: 'added', to: contentOf(b.value) }
    } else if (a.value.digest !== b.value.digest) {
      yield { path: a.value.path, change: 'changed', from: contentOf(a.value), to: contentOf(b.value) }
    }
    if (order <= 0) a = await before.next()
    if (order >= 0) b = await after.next()
  }
}

function contentOf({ digest, size }: FileEntry) {
  return { digest, size }
}
