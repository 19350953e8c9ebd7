import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fail } from '@millrace/protocol/errors'
import { createFileSource } from './sources/file-store.ts'
import { createRestSource } from './sources/rest.ts'
import { authorizationFrom, createRestClient } from './sources/rest-client.ts'
import { createSqliteSource } from './sources/sqlite.ts'
import type { MlflowSource } from './store.ts'

export interface OpenSourceOptions {
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  /** Folder of proxied artifacts, for a folder or database. */
  artifacts?: string
}

/**
 * Opens what a user names: the URL of a server, an mlruns folder, an SQLite file or its `sqlite:///` URI.
 * @throws `mlflow.source_not_found`
 */
export async function openMlflowSource(named: string, options: OpenSourceOptions): Promise<MlflowSource> {
  const artifacts = options.artifacts && resolve(options.cwd, options.artifacts)
  if (/^https?:\/\//.test(named)) {
    return createRestSource(createRestClient({ url: named, authorization: authorizationFrom(options.env) }))
  }
  const path = resolve(options.cwd, named.replace(/^(?:sqlite:\/\/\/|file:\/\/)/, ''))
  const found = await stat(path).catch(() => undefined)
  if (!found) throw fail('mlflow.source_not_found', { source: named, reason: `there is no ${path}.` })
  if (!found.isDirectory()) return createSqliteSource(path, { artifacts })
  const source = createFileSource(path, { artifacts })
  for await (const _ of source.listExperiments()) return source
  throw fail('mlflow.source_not_found', { source: named, reason: `${path} holds no experiments.` })
}
