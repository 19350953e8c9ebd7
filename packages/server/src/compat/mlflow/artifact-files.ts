import { isPlatformError } from '@millrace/protocol'
import type { ArtifactReader, ReadableEntry } from '../../domains/artifacts/index.ts'
import { orAbsent } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'

const pageSize = 1000

/** One level of a folder, whole: MLflow's clients expect no pages. Paths are relative to the URI. */
export async function listFiles(reader: ArtifactReader, uri: string, folder: string) {
  const files: object[] = []
  let after: string | undefined
  do {
    const page = await reader.list(uri, toFolder(folder), { after, limit: pageSize })
    files.push(...page.items.map((entry) => fileInfo(entry, entry.path)))
    after = page.next
  } while (after !== undefined)
  return orAbsent(files)
}

export function fileInfo(entry: ReadableEntry, path: string): object {
  return entry.kind === 'folder' ? { path, is_dir: true } : { path, is_dir: false, file_size: entry.size }
}

/** The folder as the reader names it: clients write the whole as `.` and end others with a slash. */
export function toFolder(path: string): string {
  return path.replace(/\/+$/, '').replace(/^\.$/, '')
}

type OpenOptions = NonNullable<Parameters<ArtifactReader['get']>[2]>

/** Opens a file to be sent. @throws MlflowError for a folder, which MLflow does not call missing */
export async function openFile(
  reader: ArtifactReader,
  { uri, path, ...options }: { uri: string; path: string } & OpenOptions,
) {
  try {
    return await reader.get(uri, path, options)
  } catch (error) {
    const isMissing = isPlatformError(error) && error.code === 'artifact.not_found'
    if (!isMissing || (await reader.list(uri, path, { limit: 1 })).items.length === 0) throw error
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Artifact path refers to a directory, not a file: '${path}'`,
    )
  }
}
