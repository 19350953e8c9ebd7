import { glob, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type FileFormat, fail, isPlatformError } from '@millrace/protocol'
import { sha256 } from '../../../kernel/hash.ts'
import { digestFile } from '../part.ts'
import type { Source, SourceFile } from './source.ts'

/** How files of a format end, by which they are found in a folder. */
export const extensions: Record<FileFormat, readonly string[]> = {
  parquet: ['.parquet', '.pq'],
  csv: ['.csv', '.csv.gz', '.tsv', '.tsv.gz', '.txt'],
  json: ['.json', '.json.gz', '.ndjson', '.ndjson.gz', '.jsonl', '.jsonl.gz'],
  arrow: ['.arrow', '.arrows', '.feather', '.ipc'],
}

export const isPattern = (path: string) => /[*?[{]/.test(path)

/** Whether a file in a folder belongs to a source: of its format, and neither hidden nor a mark such as `_SUCCESS`. */
export function isFileOf(format: FileFormat, path: string): boolean {
  const names = path.split(/[/\\]/)
  if (names.some((name) => name.startsWith('.') || name.startsWith('_'))) return false
  return extensions[format].some((extension) => path.toLowerCase().endsWith(extension))
}

/** The engine that reads the files has patterns of its own in their names. */
const patternSigns = '* ? [ ] { }'

/**
 * Finds and digests local files: one file, those that a pattern with `*`, `?` and `**` matches, or those of the format
 * in a folder and the folders in it. Relative paths start at `baseDir`.
 * @throws `dataset.source_unreadable` if there is no such file or one is empty
 */
export async function openFiles(
  dataset: string,
  { path, format }: { path: string; format: FileFormat },
  options: { baseDir: string; signal?: AbortSignal },
): Promise<Pick<Source, 'files' | 'bytes' | 'digest'>> {
  const unreadable = (reason: string, cause?: unknown) =>
    fail('dataset.source_unreadable', { dataset, path, reason }, cause)
  const full = isAbsolute(path) ? path : resolve(options.baseDir, path)
  if (isPattern(full) && !isPattern(path)) {
    throw unreadable(
      `the folder ${options.baseDir} has one of ${patternSigns} in its name, which would be taken for a pattern`,
    )
  }
  const found = await findFiles(full, format)
  if (found.length === 0) {
    throw unreadable(isPattern(full) ? 'no file matches' : `the folder has no ${format} file`)
  }
  const files: SourceFile[] = []
  for (const file of found) {
    try {
      const info = await stat(file)
      const bytes = info.size
      if (!info.isFile()) throw unreadable('it is no file')
      if (isPattern(file)) {
        const name = nameOf(file, options.baseDir)
        throw unreadable(
          `the file ${name} has one of ${patternSigns} in its name, which would be taken for a pattern: rename it`,
        )
      }
      if (bytes === 0) throw unreadable(`the file ${nameOf(file, options.baseDir)} is empty (0 bytes)`)
      const digest = await digestFile(file, options.signal)
      files.push({ path: file, name: nameOf(file, options.baseDir), bytes, digest })
    } catch (error) {
      if (isPlatformError(error) || options.signal?.aborted) throw error
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      throw unreadable(missing ? 'there is no such file' : (error as Error).message, error)
    }
  }
  return summaryOf(files)
}

/** Files with their size and a digest of all. */
export function summaryOf(files: SourceFile[]): Pick<Source, 'files' | 'bytes' | 'digest'> {
  const digests = files.map(({ digest }) => digest)
  return {
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    digest: digests.length === 1 ? digests[0] : sha256(digests.join('\n')),
  }
}

function nameOf(file: string, baseDir: string): string {
  const inside = relative(baseDir, file)
  return isAbsolute(inside) || inside.split(sep)[0] === '..' ? file : inside.split(sep).join('/')
}

async function findFiles(path: string, format: FileFormat): Promise<string[]> {
  if (isPattern(path)) return matching(path)
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  )
  if (!isFolder) return [path]
  const found = await matching(join(path, '**'))
  return found.filter((file) => isFileOf(format, relative(path, file)))
}

async function matching(pattern: string): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob(pattern)) files.push(file)
  return files.sort()
}
