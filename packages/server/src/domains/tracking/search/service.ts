import type { Database } from '../../../ports/database.ts'
import type { SearchPage } from '../../search/index.ts'
import type { Experiment } from '../experiment.ts'
import type { LoggedModelDetail } from '../logged-model.ts'
import { createPendingMetrics } from '../pending-metrics.ts'
import type { RunDetail } from '../run.ts'
import type { ParameterImportance } from './importance.ts'
import { type SearchExperimentsInput, searchExperiments } from './search-experiments.ts'
import { type SearchLoggedModelsInput, searchLoggedModels } from './search-logged-models.ts'
import { type RunParts, type SearchRunsInput, searchRuns, searchRunsInParts } from './search-runs.ts'

/**
 * Finds what tracking keeps, by a filter and in an order. Nothing here holds up the event loop for longer than it takes
 * to hand over a page.
 */
export interface TrackingSearch {
  /** Then the newest start, then the id. @throws `search.invalid`, `search.page_token_invalid` */
  searchRuns(input: SearchRunsInput): Promise<SearchPage<RunDetail>>
  /**
   * The same for pages of any size: the runs are read from the database while they are taken.
   * @throws `search.invalid`, `search.page_token_invalid`
   */
  searchRunsInParts(input: SearchRunsInput): Promise<RunParts>
  /** The newest first without an order. @throws `search.invalid`, `search.page_token_invalid` */
  searchExperiments(input: SearchExperimentsInput): Promise<SearchPage<Experiment>>
  /** Then the newest. @throws `search.invalid`, `search.page_token_invalid` */
  searchLoggedModels(input: SearchLoggedModelsInput): Promise<SearchPage<LoggedModelDetail>>
  /** @throws `experiment.not_found`, `experiment.importance_unavailable` */
  parameterImportance(of: { experiment: string; metric: string }): Promise<ParameterImportance>
}

export function createTrackingSearch({ db }: { db: Database }): TrackingSearch {
  const pending = createPendingMetrics(db)
  return {
    async searchRuns(input) {
      await pending.apply()
      return searchRuns(db, input)
    },
    async searchRunsInParts(input) {
      await pending.apply()
      return searchRunsInParts(db, input)
    },
    searchExperiments: (input) => searchExperiments(db, input),
    searchLoggedModels: (input) => searchLoggedModels(db, input),
    async parameterImportance(of) {
      await pending.apply()
      // With it comes all that learns, which nothing else in a server needs.
      const { parameterImportance } = await import('./importance.ts')
      return parameterImportance(db, of)
    },
  }
}
