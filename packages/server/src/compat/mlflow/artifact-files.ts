import type { ArtifactReader, ReadableEntry } from '../../domains/artifacts/index.ts'
import { orAbsent } from './endpoint.ts'

const pageSize = 1000

/** One level of a folder, whole: MLflow's clients expect no pages. Paths are relative to the URI. */
export async function listFiles(reader: ArtifactReader, uri: string, folder: string) {
  const files: object[] = []
  let after: string | undefined
  do {
    const page = await reader.list(uri, folder.replace(/\/+$/, ''), { after, limit: pageSize })
    files.push(...page.items.map((entry) => fileInfo(entry, entry.path)))
    after = page.next
  } while (after !== undefined)
  return orAbsent(files)
}

export function fileInfo(entry: ReadableEntry, path: string): object {
  return entry.kind === 'folder' ? { path, is_dir: true } : { path, is_dir: false, file_size: entry.size }
}
