import { glob, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { type DatasetDefinition, fail, isPlatformError } from '@millrace/protocol'
import { sha256 } from '../../kernel/hash.ts'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { fitsType, sqlType } from './column-types.ts'
import { digestFile } from './part.ts'

export interface SourceFile {
  /** Absolute. */
  path: string
  /** What it is known by where the project lies somewhere else: its path from the project folder, if it is in there. */
  name: string
  bytes: number
  digest: string
}

export interface Source {
  /** As it was given. */
  path: string
  /** Sorted by path. */
  files: SourceFile[]
  bytes: number
  /** Of the one file's bytes; of the list of the files' digests when there are several. */
  digest: string
}

/**
 * Finds and digests the files of a dataset's source. A path may hold `*`, `?` and `**`; relative ones start at `baseDir`.
 * @throws `dataset.source_unreadable` if there is no such file or one is empty
 */
export async function openSource(
  dataset: string,
  path: string,
  options: { baseDir: string; signal?: AbortSignal },
): Promise<Source> {
  const unreadable = (reason: string, cause?: unknown) =>
    fail('dataset.source_unreadable', { dataset, path, reason }, cause)
  const pattern = isAbsolute(path) ? path : resolve(options.baseDir, path)
  const found = /[*?[{]/.test(path) ? await matching(pattern) : [pattern]
  if (found.length === 0) throw unreadable('no file matches')
  const files: SourceFile[] = []
  for (const file of found) {
    try {
      const info = await stat(file)
      const bytes = info.size
      if (!info.isFile()) throw unreadable('it is no file')
      if (bytes === 0) throw unreadable('the file is empty (0 bytes)')
      const digest = await digestFile(file, options.signal)
      files.push({ path: file, name: nameOf(file, options.baseDir), bytes, digest })
    } catch (error) {
      if (isPlatformError(error) || options.signal?.aborted) throw error
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      throw unreadable(missing ? 'there is no such file' : (error as Error).message, error)
    }
  }
  const digests = files.map(({ digest }) => digest)
  return {
    path,
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    digest: digests.length === 1 ? digests[0] : sha256(digests.join('\n')),
  }
}

function nameOf(file: string, baseDir: string): string {
  const inside = relative(baseDir, file)
  return isAbsolute(inside) || inside.split(sep)[0] === '..' ? file : inside.split(sep).join('/')
}

async function matching(pattern: string): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob(pattern)) files.push(file)
  return files.sort()
}

/**
 * The source as a relation with exactly the columns of the definition's schema, in its types.
 * @throws `dataset.schema_mismatch` naming the first column that is missing or has another type;
 * `dataset.source_unreadable`
 */
export async function sourceRelation(
  lake: Lake,
  definition: DatasetDefinition,
  source: Source,
): Promise<string> {
  const { name: dataset, schema } = definition
  const files = `[${source.files.map(({ path }) => quoteText(path)).join(', ')}]`
  const parquet = definition.source.format === 'parquet'
  const found = new Map(
    (
      await reading(definition, source, () =>
        lake.rows<{ column_name: string; column_type: string }>(
          `DESCRIBE SELECT * FROM ${parquet ? `read_parquet(${files})` : `read_csv(${files}, all_varchar = true)`}`,
        ),
      )
    ).map((column) => [column.column_name, column.column_type]),
  )
  for (const [column, expected] of Object.entries(schema)) {
    const type = found.get(column)
    if (type === undefined || (parquet && !fitsType(type, expected))) {
      throw fail('dataset.schema_mismatch', {
        dataset,
        column,
        expected,
        found: type ?? `no such column (it has ${[...found.keys()].slice(0, 50).join(', ')})`,
      })
    }
  }
  const types = Object.entries(schema).map(
    ([name, type]) => `${quoteText(name)}: ${quoteText(sqlType(type))}`,
  )
  const read = parquet ? `read_parquet(${files})` : `read_csv(${files}, types = {${types.join(', ')}})`
  const columns = Object.entries(schema).map(([name, type]) => {
    const value = `CAST(${quoteName(name)} AS ${sqlType(type)})`
    return `${type === 'float64' ? missingForNaN(value) : value} AS ${quoteName(name)}`
  })
  return `(SELECT ${columns.join(', ')} FROM ${read})`
}

/** NaN means missing everywhere in the platform, so a version holds it as NULL. */
export function missingForNaN(value: string): string {
  return `nullif(${value}, 'NaN'::DOUBLE)`
}

/** Runs work that reads the source; what the lake cannot read is the source's fault. */
export async function reading<Result>(
  definition: DatasetDefinition,
  source: Source,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
    throw fail(
      'dataset.source_unreadable',
      { dataset: definition.name, path: source.path, reason: error.details.reason },
      error,
    )
  }
}
