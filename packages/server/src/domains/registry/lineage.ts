import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import { compareVersions, type VersionComparison } from './comparison.ts'
import type { EndpointUse } from './links.ts'
import { requireVersion } from './lookup.ts'
import type { LineageQuery, ModelVersion, VersionRef } from './model-version.ts'
import type { RegistryContext } from './registry-context.ts'
import type { RegistryTables } from './tables.ts'
import { listVersionsBy } from './version-store.ts'

/** Everything that a version comes from, and everything that uses it. */
export interface VersionLineage extends VersionRef {
  label: string
  digest: string | null
  manifest: string | null
  source: string | null
  /** `known` = this server has the run. */
  run: { id: string; experimentId: string | null; known: boolean } | null
  loggedModel: { id: string; known: boolean } | null
  commit: string | null
  trainingSet: string | null
  datasets: { dataset: string; version: string }[]
  definitions: Record<string, string>
  bundles: string[]
  /** Lines of the model's `requirements.txt`; null if there is none. */
  environment: string[] | null
  aliases: string[]
  stage: string
  /** Endpoints that answer with it now. */
  endpoints: EndpointUse[]
  /** Other versions with the same files. */
  copies: VersionRef[]
}

export interface LineageService {
  /** @throws `model.not_found`, `model.version_not_found` */
  getLineage(of: VersionRef): Promise<VersionLineage>
  /** Versions that came from something: the lineage backwards. By model, newest first. */
  listVersionsBy(by: LineageQuery, page?: PageInput): Promise<Page<ModelVersion>>
  /** Also of different models. @throws `model.not_found`, `model.version_not_found` */
  compareVersions(left: VersionRef, right: VersionRef): Promise<VersionComparison>
}

const longestRequirements = 256 * 1024
const mostCopies = 100

export function createLineageService({ db, links }: RegistryContext): LineageService {
  const tables = () => db.tables<RegistryTables>()

  async function readEnvironment(location: string | null): Promise<string[] | null> {
    const folder = location === null ? undefined : await links.openFolder(location)
    const bytes = await folder?.read('requirements.txt', longestRequirements)
    if (!bytes) return null
    const lines = Buffer.from(bytes).toString('utf8').split('\n')
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  }

  async function listCopies({ model, version, digest }: ModelVersion): Promise<VersionRef[]> {
    if (digest === null) return []
    const same = await listVersionsBy(tables(), { digest }, { offset: 0, limit: mostCopies })
    return same
      .filter((other) => other.model !== model || other.version !== version)
      .map((other) => ({ model: other.model, version: other.version }))
  }

  return {
    async getLineage(of) {
      const found = await requireVersion(tables(), of)
      const { model, version, label, digest, manifest, source, lineage, modelId, aliases, stage } = found
      const { run: runId, ...origins } = lineage
      const run = runId === null ? undefined : await links.findRun(runId)
      const logged = modelId === null ? undefined : await links.findLoggedModel(modelId)
      const used = await links.listEndpoints(model)
      return {
        model,
        version,
        label,
        digest,
        manifest,
        source,
        run:
          runId === null
            ? null
            : { id: runId, experimentId: run?.experimentId ?? null, known: run !== undefined },
        loggedModel: modelId === null ? null : { id: modelId, known: logged !== undefined },
        ...origins,
        environment: await readEnvironment(found.storageLocation),
        aliases,
        stage,
        endpoints: used.filter((use) => use.version === version),
        copies: await listCopies(found),
      }
    },
    listVersionsBy: (by, page) => readPage(page, (range) => listVersionsBy(tables(), by, range)),
    async compareVersions(left, right) {
      const [a, b] = [await requireVersion(tables(), left), await requireVersion(tables(), right)]
      return compareVersions(a, b, links)
    },
  }
}
