import type { ArtifactReader, ArtifactService } from '../../domains/artifacts/index.ts'
import type { ModelVersion, RegisteredModel, RegistryService } from '../../domains/registry/index.ts'
import type { SearchInput, SearchPage } from '../../domains/search/index.ts'
import type {
  Experiment,
  LoggedModelDetail,
  RunDetail,
  TrackingService,
} from '../../domains/tracking/index.ts'
import type { WebhookService } from '../../domains/webhooks/index.ts'

type View = 'active' | 'deleted' | 'all'

interface DatasetName {
  name: string
  digest?: string
}

interface SearchLoggedModelsInput extends Omit<SearchInput, 'orderBy'> {
  experiments?: readonly string[]
  datasets?: readonly DatasetName[]
  orderBy?: readonly { field: string; descending?: boolean; dataset?: DatasetName }[]
}

/** The searches of the domains, in MLflow's dialect. */
export interface MlflowSearch {
  searchExperiments(input: SearchInput & { view?: View }): Promise<SearchPage<Experiment>>
  searchRuns(
    input: SearchInput & { view?: View; experiments?: readonly string[] },
  ): Promise<SearchPage<RunDetail>>
  searchLoggedModels(input: SearchLoggedModelsInput): Promise<SearchPage<LoggedModelDetail>>
  searchModels(input: SearchInput): Promise<SearchPage<RegisteredModel>>
  searchVersions(input: SearchInput): Promise<SearchPage<ModelVersion>>
}

export interface MlflowDeps {
  tracking: TrackingService
  search: MlflowSearch
  artifacts: ArtifactService
  artifactReader: ArtifactReader
  registry: RegistryService
  webhooks: WebhookService
}
