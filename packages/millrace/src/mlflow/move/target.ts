import type {
  StoredExperiment,
  StoredLoggedModel,
  StoredMetric,
  StoredModelVersion,
  StoredRegisteredModel,
  StoredRun,
} from '../store.ts'

export type Outcome = 'created' | 'changed' | 'unchanged'

export interface PutFile {
  /** SHA-256 of the bytes that are there now. */
  digest: string
  size: number
}

/** Where the artifacts of one run or logged model go. */
export interface TargetFolder {
  /** What the target calls the place. */
  location: string
  /** All files that are there by path within it. */
  listFiles(): Promise<ReadonlyMap<string, PutFile>>
  /** Stores a file whole or not at all. `open` may be called again for another attempt. */
  putFile(path: string, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<PutFile>
}

/**
 * A store that is moved into. Everything may be put again: what is there is brought up to date, nothing is there twice.
 * What it refuses is an error that says why.
 */
export interface MoveTarget {
  readonly label: string
  /** Experiments are matched by name. @returns its id on the target */
  putExperiment(experiment: StoredExperiment): Promise<{ id: string; outcome: Outcome }>
  putRun(run: StoredRun, experimentId: string): Promise<Outcome>
  /** Adds points; exact repeats count once. */
  putMetrics(run: string, points: StoredMetric[]): Promise<void>
  listMetrics(run: string): AsyncIterable<StoredMetric[]>
  putLoggedModel(model: StoredLoggedModel, experimentId: string): Promise<Outcome>
  putModel(model: StoredRegisteredModel): Promise<Outcome>
  /** @param source Where its files are on the target. */
  putVersion(version: StoredModelVersion, source: string): Promise<Outcome>
  putDeletedVersions(model: string, versions: readonly number[]): Promise<void>
  putAliases(model: string, aliases: Record<string, number>): Promise<Outcome>
  runArtifacts(run: string, experimentId: string): TargetFolder
  loggedModelArtifacts(model: string, experimentId: string): TargetFolder
}
