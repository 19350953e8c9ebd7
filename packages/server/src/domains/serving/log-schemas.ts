import type { EndpointDefinition, Schema } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { FeatureService } from '../features/index.ts'
import { readManifest } from '../registry/index.ts'
import type { OpenFeatures } from './pinned-features.ts'
import { findRevision, findState, type ServingTables } from './store.ts'

export interface LogSchemaDeps {
  db: Database
  content: ContentStore
  definitions: Pick<DefinitionService, 'events'>
  features: Pick<FeatureService, 'createOnlineReader'>
  openFeatures: OpenFeatures
}

/**
 * Finds the features in the prediction log of an endpoint: those that its live revisions compute; before the first
 * deployment those of its feature service.
 */
export function createLogSchemas(deps: LogSchemaDeps): (endpoint: EndpointDefinition) => Promise<Schema> {
  const known = new Map<string, { changes: number; schema: Promise<Schema> }>()
  deps.definitions.events.on('applied', () => known.clear())

  async function ofRevision(endpoint: string, number: number): Promise<Schema> {
    const revision = await findRevision(deps.db.tables<ServingTables>(), endpoint, { revision: number })
    if (!revision) return {}
    const pinned = await deps.openFeatures(await readManifest(deps.content, revision.manifest))
    if (!pinned) return {}
    pinned.release()
    return schemaOf(pinned.lookup.provides)
  }

  async function ofCurrent(service: string): Promise<Schema> {
    return schemaOf((await deps.features.createOnlineReader(service)).features)
  }

  return async ({ name: endpoint, service }) => {
    const state = await findState(deps.db.tables<ServingTables>(), endpoint)
    const changes = state?.changes ?? 0
    const cached = known.get(endpoint)
    if (cached?.changes === changes) return cached.schema
    const live = state ? [state.stable] : []
    if (state?.rollout?.state === 'Progressing') live.unshift(state.rollout.candidate)
    const schema =
      live.length === 0
        ? ofCurrent(service)
        : Promise.all(live.map((number) => ofRevision(endpoint, number))).then((all) =>
            Object.assign({}, ...all),
          )
    known.set(endpoint, { changes, schema })
    schema.catch(() => known.delete(endpoint))
    return schema
  }
}

function schemaOf(features: readonly { name: string; type: Schema[string] }[]): Schema {
  return Object.fromEntries(features.map(({ name, type }) => [name, type]))
}
