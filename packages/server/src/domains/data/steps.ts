import type { BuiltInStep } from '../pipelines/index.ts'
import type { DataService } from './service.ts'

/** The step `ingest`: registers a dataset's source. A run after a crash finds the version and does nothing. */
export function ingestStep(data: DataService): BuiltInStep {
  return {
    name: 'ingest',
    inputs: { dataset: { type: 'string' }, path: { type: 'string', optional: true } },
    outputs: { version: { type: 'dataset-version' }, rows: { type: 'int64' } },
    async run(context, { dataset, path }) {
      const version = await data.ingest({
        dataset: String(dataset),
        path: path === undefined || path === null ? undefined : String(path),
        // A step is a process of its own.
        mayRunCode: true,
        onProgress: context.progress,
        onLog: context.log,
        signal: context.signal,
      })
      context.log(`dataset ${version.dataset}, version ${version.version}, ${version.rows} rows`)
      return { version: { dataset: version.dataset, version: version.version }, rows: version.rows }
    },
  }
}
