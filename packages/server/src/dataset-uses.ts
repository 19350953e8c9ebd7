import type { VersionUses } from './domains/data/index.ts'
import { createTrainingSetUses } from './domains/features/index.ts'
import { findRunsNaming } from './domains/pipelines/index.ts'
import { modelVersionUses } from './domains/registry/index.ts'
import { runUses } from './domains/tracking/index.ts'
import type { ContentStore } from './ports/content-store.ts'
import type { Database } from './ports/database.ts'

/** Everything that names versions of datasets, but for datasets themselves. Endpoints do by their models. */
export function createDatasetUses(deps: { db: Database; content: ContentStore }): VersionUses[] {
  return [
    createTrainingSetUses(deps),
    runUses,
    modelVersionUses,
    {
      async find(trx, { version }) {
        const runs = await findRunsNaming(trx, version)
        return runs.map(({ id, pipeline }) => ({ kind: 'pipeline-run', name: `${pipeline} ${id}` }))
      },
    },
  ]
}
