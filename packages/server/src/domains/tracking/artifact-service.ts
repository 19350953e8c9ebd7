import type { Page, PageInput } from '../../kernel/paging.ts'
import type { Artifact } from './run.ts'

/** Files of runs. */
export interface RunArtifactService {
  /**
   * Stores bytes under a path. While the run is going on a path may be written again; after its end only new paths
   * (or the same bytes) are accepted.
   * @throws `run.not_found`, `run.entry_invalid`, `run.artifact_exists`
   */
  logArtifact(run: string, path: string, bytes: Uint8Array): Promise<Artifact>
  listArtifacts(run: string, page?: PageInput): Promise<Page<Artifact>>
  /** @throws `run.not_found`, `run.artifact_not_found` */
  readArtifact(run: string, path: string): Promise<{ artifact: Artifact; body: AsyncIterable<Uint8Array> }>
}
