import type { Source, SourceDeps, SourceRequest } from './source.ts'
import { openFiles } from './source-files.ts'
import { openFunction } from './source-function.ts'
import { isObjectUri, openObjects } from './source-objects.ts'
import { openProgram } from './source-program.ts'
import { openQuery } from './source-query.ts'

/**
 * Finds the rows of a source and brings them here, where they are not files of this machine already.
 * @throws `dataset.source_unreadable`; `dataset.schema_mismatch` where rows are turned into files
 */
export async function openSource(deps: SourceDeps, request: SourceRequest): Promise<Source> {
  const { dataset, source, scratch, signal } = request
  if (source.format === 'postgres') return openQuery(deps, request, source)
  if (source.format === 'function') return openFunction(deps, request, source)
  if (source.format === 'program') return openProgram(deps, request, source)
  const files = isObjectUri(source.path)
    ? await openObjects(dataset, source, { openBucket: deps.openBucket, scratch, signal })
    : await openFiles(dataset, source, { baseDir: deps.baseDir, signal })
  const options = source.format === 'csv' ? source.options : undefined
  return { path: source.path, format: source.format, ...(options && { options }), ...files }
}
