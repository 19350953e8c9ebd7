import type { ModelSource } from '../../registry/index.ts'
import type { Refuse } from './import-error.ts'

const mostFiles = 200
/** They are in memory while they are imported. */
const mostBytes = 1024 * 1024 * 1024

/** All files of a model's folder, by path. @throws what `refuse` makes of too much */
export async function readFolder(
  { folder }: Pick<ModelSource, 'folder'>,
  refuse: Refuse,
): Promise<Record<string, Uint8Array>> {
  const found = await folder.list(mostFiles + 1)
  if (found.length > mostFiles) throw refuse(`it has more than ${mostFiles} files`)
  const size = found.reduce((sum, file) => sum + file.size, 0)
  if (size > mostBytes) throw refuse(`it has ${size} bytes; up to ${mostBytes} are imported`)
  const files: Record<string, Uint8Array> = {}
  for (const file of found) {
    const bytes = await folder.read(file.path, mostBytes)
    if (!bytes) throw refuse(`its file "${file.path}" was deleted meanwhile`)
    files[file.path] = bytes
  }
  return files
}
