import { fail, isPlatformError } from '@millrace/protocol'
import type { ModelFolder } from './links.ts'
import { type MlmodelFacts, readMlmodel } from './mlmodel.ts'
import type { ModelVersion } from './model-version.ts'
import type { RegistryContext } from './registry-context.ts'
import { resolveSource } from './source.ts'

/** A folder that MLflow made, opened for reading, and what is known of where it comes from. */
export interface ModelSource {
  folder: ModelFolder
  facts: MlmodelFacts
  run: { id: string; experimentId: string; params: Record<string, string> } | null
  loggedModel: string | null
  /** Of the version, the logged model and the run, the nearest first. */
  tags: Record<string, string>[]
}

export interface ModelSourceService {
  /**
   * Opens `runs:/<run>/<path>` (also by the name of a logged model of the run), `models:/<logged model>`,
   * `models:/<name>/<version>` and `models:/<name>@<alias>`.
   * @throws `model.source_invalid` for other places, places that this server cannot read and folders without an
   *   `MLmodel`; `model.not_found`, `model.version_not_found`, `model.alias_not_found`
   */
  openSource(source: string): Promise<ModelSource>
}

export function createModelSourceService(
  { links }: RegistryContext,
  resolve: (reference: string) => Promise<ModelVersion>,
): ModelSourceService {
  const invalid = (source: string, reason: string) =>
    fail('model.source_invalid', { source: source.slice(0, 500), reason })

  async function open(source: string, location: string): Promise<Pick<ModelSource, 'folder' | 'facts'>> {
    const folder = await links.openFolder(location)
    if (!folder) throw invalid(source, 'This server cannot read there.')
    const facts = await readMlmodel(folder)
    if (!facts) throw invalid(source, 'It has no file MLmodel, which log_model of MLflow writes.')
    return { folder, facts }
  }

  /** Since MLflow 3 the files of `log_model` are the logged model's; the URI still names the run. */
  async function findOfRun(source: string): Promise<string | undefined> {
    const [, run, name] = /^runs:\/([^/]+)\/(.+)$/.exec(source) ?? []
    return run === undefined ? undefined : links.findLoggedModelOf(run, name)
  }

  return {
    async openSource(source) {
      if (!/^(runs|models):\//.test(source)) {
        throw invalid(source, 'Expected runs:/<run id>/<name>, models:/<name>/<version> or models:/m-….')
      }
      const version = await versionOf(source, resolve)
      const named = await findOfRun(source)
      const found = await resolveSource(named ? { source: `models:/${named}` } : { source }, {
        links,
        resolve,
      })
      const loggedModel = found.modelId ?? version?.modelId ?? null
      const logged = loggedModel === null ? undefined : await links.findLoggedModel(loggedModel)
      const runId = found.runId ?? version?.lineage.run ?? logged?.runId ?? null
      const run = runId === null ? undefined : await links.findRun(runId)
      return {
        ...(await open(source, found.storageLocation)),
        run: run ? { id: run.id, experimentId: run.experimentId, params: run.params } : null,
        loggedModel: logged?.id ?? null,
        tags: [version?.tags, logged?.tags, run?.tags].filter((tags) => tags !== undefined),
      }
    },
  }
}

/** The version that is named, if it is one. */
async function versionOf(
  source: string,
  resolve: (reference: string) => Promise<ModelVersion>,
): Promise<ModelVersion | undefined> {
  const [, reference] = /^models:\/([^/].*)$/.exec(source) ?? []
  if (reference === undefined || /^m-[0-9a-f]{32}$/.test(reference)) return undefined
  try {
    return await resolve(reference)
  } catch (error) {
    if (isPlatformError(error) && error.code === 'model.name_invalid') {
      throw fail('model.source_invalid', { source: source.slice(0, 500), reason: error.message }, error)
    }
    throw error
  }
}
