import { checkFilePath, compareFilePaths, fail } from '@millrace/protocol'
import type { FileEntry } from './file-set.ts'

/**
 * A manifest is cut into pages where a path says so, and after so many entries where none does: versions that differ in
 * few files share all other pages, so that keeping and comparing them costs what changed.
 */
const usualEntries = 1024
const mostEntries = 4096

/** Whether the page ends after this path. The choice must never change: equal folders would be other versions. */
function endsPage(path: string): boolean {
  let hash = 0x811c9dc5
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193)
  return ((hash ^ (hash >>> 15)) & (usualEntries - 1)) === 0
}

/** Gathers entries in the order of their paths into pages. @throws `file_set.manifest_invalid` */
export async function* pagesOf(
  fileSet: string,
  entries: AsyncIterable<readonly FileEntry[]>,
): AsyncGenerator<FileEntry[]> {
  const checkOrder = orderCheck(fileSet)
  let page: FileEntry[] = []
  for await (const some of entries) {
    for (const entry of some) {
      checkFilePath(entry.path)
      checkOrder(entry.path)
      page.push(entry)
      if (page.length === mostEntries || endsPage(entry.path)) {
        yield page
        page = []
      }
    }
  }
  if (page.length > 0) yield page
}

/** Refuses paths that are not in order, come twice, or are a file and a folder at once. */
function orderCheck(fileSet: string) {
  const invalid = (reason: string) => fail('file_set.manifest_invalid', { name: fileSet, reason })
  let last: string | undefined
  /** Files whose path is the beginning of the last one, shortest first: only these can be its folders. */
  const beginnings: string[] = []
  return (path: string) => {
    if (last !== undefined) {
      const order = compareFilePaths(last, path)
      if (order === 0) throw invalid(`"${path}" is in it twice`)
      if (order > 0) throw invalid(`"${path}" comes after "${last}"; sort by code points`)
    }
    while (beginnings.length > 0 && !path.startsWith(beginnings[beginnings.length - 1])) beginnings.pop()
    const folder = beginnings.find((file) => path[file.length] === '/')
    if (folder !== undefined) throw invalid(`"${folder}" is a file, so "${path}" cannot lie in it`)
    beginnings.push(path)
    last = path
  }
}

/** One line for each file: `<digest> <size> <path>`. */
export function pageBytes(entries: readonly FileEntry[]): Buffer {
  return Buffer.from(entries.map(({ digest, size, path }) => `${digest} ${size} ${path}\n`).join(''))
}

export function parsePage(bytes: Uint8Array): FileEntry[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').split('\n')
  return lines.slice(0, -1).map((line) => {
    const end = line.indexOf(' ', 65)
    return { digest: line.slice(0, 64), size: Number(line.slice(65, end)), path: line.slice(end + 1) }
  })
}
