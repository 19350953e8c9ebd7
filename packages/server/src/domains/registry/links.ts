import type { VersionRef } from './model-version.ts'

/** What a version has from its run. */
export interface RunFacts {
  id: string
  experimentId: string
  artifactUri: string
  params: Record<string, string>
  /** The latest values. */
  metrics: Record<string, number>
  tags: Record<string, string>
}

/** What a version has from its logged model. */
export interface LoggedModelFacts {
  id: string
  artifactUri: string
  runId: string | null
  params: Record<string, string>
  /** The latest values. */
  metrics: Record<string, number>
  tags: Record<string, string>
}

/** The files of a model, where this server can read them. Paths are relative to the folder. */
export interface ModelFolder {
  /** @returns digest null if there is too much to read */
  digest(): Promise<{ digest: string | null; files: number }>
  /** From now on nothing in it changes; see `ArtifactSeals`. Not every place can be sealed: then only the digest tells. */
  seal(holder: string): Promise<void>
  unseal(holder: string): Promise<void>
  /** @returns undefined if there is no such file @throws `artifact.too_large` beyond `limit` bytes */
  read(path: string, limit: number): Promise<Uint8Array | undefined>
  /** Whether there is a file, or a folder with one, of that path. */
  has(path: string): Promise<boolean>
  /** Files, in folders too; `limit` of them at most. */
  list(limit: number): Promise<{ path: string; size: number }[]>
}

/** An endpoint revision that answers with a version, or is being tried with it. */
export interface EndpointUse extends VersionRef {
  endpoint: string
  revision: number
  role: 'stable' | 'candidate'
}

/** What the registry asks of other domains; `services.ts` connects them. */
export interface RegistryLinks {
  findRun(id: string): Promise<RunFacts | undefined>
  findLoggedModel(id: string): Promise<LoggedModelFacts | undefined>
  /** The newest logged model of that name that a run has made; its id. */
  findLoggedModelOf(run: string, name: string): Promise<string | undefined>
  /** Notes on the logged model that it became this version. Repeatable. */
  noteRegistration(loggedModel: string, version: VersionRef): Promise<void>
  /** Endpoints that serve the model, by name. */
  listEndpoints(model: string): Promise<EndpointUse[]>
  /** @returns undefined if this server cannot read there */
  openFolder(location: string): Promise<ModelFolder | undefined>
}

/** The links of a registry that stands alone. */
export const noLinks: RegistryLinks = {
  findRun: async () => undefined,
  findLoggedModel: async () => undefined,
  findLoggedModelOf: async () => undefined,
  noteRegistration: async () => {},
  listEndpoints: async () => [],
  openFolder: async () => undefined,
}
