import type { CsvOptions, DatasetSource, FileFormat } from '@millrace/protocol'
import type { CompileContext } from './compilable.ts'

/** Where a dataset's rows come from. */
export interface Source {
  compile(context: Pick<CompileContext, 'resolvePath'>): DatasetSource
}

/**
 * Parquet files: one, those of a folder, or several by a glob. Relative paths start from the folder of the
 * configuration; `s3://bucket/…` is an object, all objects under a prefix that ends in `/`, or a glob.
 */
export const parquet = (path: string): Source => ({
  compile: ({ resolvePath }) => ({ format: 'parquet', path: resolvePath(path) }),
})

/**
 * CSV files, with a header line unless the options say otherwise; how they are written is found out where the options
 * do not say it. Paths are as for {@link parquet}.
 */
export const csv = (path: string, options?: CsvOptions): Source => ({
  compile: ({ resolvePath }) => ({
    format: 'csv',
    path: resolvePath(path),
    ...(options && { options }),
  }),
})

/** JSON files: one object per line, or one array of objects. Paths are as for {@link parquet}. */
export const json = (path: string): Source => ({
  compile: ({ resolvePath }) => ({ format: 'json', path: resolvePath(path) }),
})

/** Arrow IPC files (Feather version 2) or streams, also compressed ones. Paths are as for {@link parquet}. */
export const arrow = (path: string): Source => ({
  compile: ({ resolvePath }) => ({ format: 'arrow', path: resolvePath(path) }),
})

/**
 * The rows of a query on PostgreSQL, which is read in one transaction and cannot write. `connection` names a secret with
 * the URL: `ORDERS` is the environment variable `MILLRACE_SECRET_ORDERS` of the server. With the mode `append` and a
 * watermark only rows that can be new are asked for.
 */
export const postgres = (options: { query: string; connection: string }): Source => ({
  compile: () => ({ format: 'postgres', query: options.query, connection: options.connection }),
})

/**
 * The rows that a program writes, in any language: `program({ command: ['python3', 'orders.py'], output: 'parquet' })`. It runs
 * in the step `ingest` of a pipeline, in the folder of the configuration, and writes a file of the format `output` to the
 * path in the environment variable `MILLRACE_OUTPUT`. With the mode `append` and a watermark `MILLRACE_AFTER` has its greatest
 * value so far: rows up to it need not come again. `secrets` are given as environment variables of their names.
 */
export const program = (options: {
  command: readonly [string, ...string[]]
  output: FileFormat
  /** How it writes CSV. */
  csv?: CsvOptions
  secrets?: readonly string[]
}): Source => ({
  compile: ({ resolvePath }) => ({
    format: 'program',
    command: [...options.command],
    directory: resolvePath('.'),
    output: options.output,
    ...(options.csv && { options: options.csv }),
    ...(options.secrets && { secrets: [...options.secrets] }),
  }),
})
