import type { Clock } from '../../kernel/clock.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { FeatureService } from '../features/index.ts'
import type { RegistryService } from '../registry/index.ts'
import type { TrackingService } from '../tracking/index.ts'

/** What the steps of training work with. */
export interface TrainingDeps {
  tracking: TrackingService
  registry: RegistryService
  content: ContentStore
  clock: Clock
  features: Pick<FeatureService, 'loadTrainingSet'>
}
