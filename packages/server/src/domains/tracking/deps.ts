import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { ArtifactReader, ArtifactService } from '../artifacts/index.ts'

export interface TrackingDeps {
  db: Database
  clock: Clock
  artifacts: ArtifactService
  artifactReader: ArtifactReader
  /** URI beneath which new experiments keep artifacts; `mlflow-artifacts:/` (this server) by default. */
  artifactRoot?: string
}
