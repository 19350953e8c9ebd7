import type { ArtifactReader, ArtifactService } from '../../domains/artifacts/index.ts'
import type { RegistrySearch, RegistryService } from '../../domains/registry/index.ts'
import type { TrackingSearch, TrackingService } from '../../domains/tracking/index.ts'
import type { WebhookService } from '../../domains/webhooks/index.ts'

/** The services that MLflow's calls are translated to. */
export interface MlflowDeps {
  tracking: TrackingService
  search: TrackingSearch & RegistrySearch
  artifacts: ArtifactService
  artifactReader: ArtifactReader
  registry: RegistryService
  webhooks: WebhookService
}
