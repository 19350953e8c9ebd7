import { createDataContentNames } from './domains/data/index.ts'
import { createDefinitionContentNames } from './domains/definitions/index.ts'
import { createTrainingSetContentNames } from './domains/features/index.ts'
import { createPipelineContentNames } from './domains/pipelines/index.ts'
import { createRegistryContentNames } from './domains/registry/index.ts'
import { createServingContentNames } from './domains/serving/index.ts'
import { createRunContentNames } from './domains/tracking/index.ts'
import type { ContentNames } from './ports/content-store.ts'
import type { Database } from './ports/database.ts'

/** Everything that names contents. A model is named by a step first, then by a run, a version and a revision. */
export function createContentNames(deps: { db: Database }): ContentNames[] {
  return [
    createPipelineContentNames(deps),
    createRunContentNames(deps),
    createDefinitionContentNames(deps),
    createTrainingSetContentNames(deps),
    createRegistryContentNames(deps),
    createServingContentNames(deps),
    createDataContentNames(deps),
  ]
}
