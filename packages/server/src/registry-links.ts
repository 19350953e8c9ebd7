import { isPlatformError } from '@millrace/protocol'
import type { ArtifactReader, ArtifactService } from './domains/artifacts/index.ts'
import { createModelFolders, type EndpointUse, type RegistryLinks } from './domains/registry/index.ts'
import type { ServingService } from './domains/serving/index.ts'
import type { TrackingService } from './domains/tracking/index.ts'

/** Under which a logged model says which versions it became: JSON, a list of `{name, version}` with texts. */
const versionsTag = 'mlflow.modelVersions'

/** What the registry asks of tracking, artifacts and serving. `serving` is asked for late: it is built on the registry. */
export function createRegistryLinks(deps: {
  tracking: Pick<TrackingService, 'getRun' | 'getLoggedModel' | 'listLoggedModels' | 'changeLoggedModelTag'>
  artifacts: ArtifactService
  artifactReader: ArtifactReader
  serving: () => Pick<ServingService, 'listEndpoints'>
}): RegistryLinks {
  const { tracking } = deps
  return {
    async findRun(id) {
      const run = await orMissing(tracking.getRun(id), 'run.not_found')
      if (!run) return undefined
      const { experimentId, artifactUri, params, tags, metrics } = run
      return { id, experimentId, artifactUri, params, tags, metrics: valuesOf(metrics) }
    },
    async findLoggedModel(id) {
      const model = await orMissing(tracking.getLoggedModel(id), 'logged_model.not_found')
      if (!model) return undefined
      const { artifactUri, sourceRun, params, tags, metrics } = model
      return { id, artifactUri, runId: sourceRun, params, tags, metrics: valuesOf(metrics) }
    },
    async findLoggedModelOf(run, name) {
      for (let pageToken: string | undefined; ; ) {
        const page = await tracking.listLoggedModels({ run }, { limit: 200, pageToken })
        const found = page.items.find((model) => model.name === name)
        if (found || page.nextPageToken === undefined) return found?.id
        pageToken = page.nextPageToken
      }
    },
    async noteRegistration(loggedModel, { model, version }) {
      const made = { name: model, version: String(version) }
      const noting = tracking.changeLoggedModelTag(loggedModel, versionsTag, (text) => {
        const noted = parseVersions(text)
        const isNoted = noted.some((one) => one.name === made.name && one.version === made.version)
        return JSON.stringify(isNoted ? noted : [...noted, made])
      })
      // It may have been deleted since the version was made of it.
      await orMissing(noting, 'logged_model.not_found')
    },
    async listEndpoints(model) {
      const endpoints = await deps.serving().listEndpoints()
      return endpoints
        .filter((endpoint) => endpoint.model === model)
        .flatMap(({ name, traffic }) =>
          traffic.map(({ revision, modelVersion, variant }): EndpointUse => {
            // `model/version`, and a model's name has no slash.
            const version = Number(modelVersion.slice(modelVersion.lastIndexOf('/') + 1))
            return { endpoint: name, revision, role: variant, model, version }
          }),
        )
    },
    openFolder: createModelFolders(deps.artifacts, deps.artifactReader),
  }
}

async function orMissing<Found>(finding: Promise<Found>, code: string): Promise<Found | undefined> {
  try {
    return await finding
  } catch (error) {
    if (isPlatformError(error) && error.code === code) return undefined
    throw error
  }
}

/** Of several values of one metric (of other runs and datasets) the latest. */
function valuesOf(metrics: readonly { key: string; value: number; at: number }[]): Record<string, number> {
  const ordered = metrics.toSorted((a, b) => a.at - b.at)
  return Object.fromEntries(ordered.map(({ key, value }) => [key, value]))
}

function parseVersions(text: string | undefined): { name: string; version: string }[] {
  if (text === undefined) return []
  try {
    const list: unknown = JSON.parse(text)
    // Others write here, too: what is not such a list is replaced.
    return Array.isArray(list) ? list.map(({ name, version }) => ({ name, version: String(version) })) : []
  } catch {
    return []
  }
}
