import type { Database } from '../../../ports/database.ts'
import type { SearchInput, SearchPage } from '../../search/index.ts'
import type { ModelVersion, RegisteredModel } from '../model-version.ts'
import { searchRegisteredModels } from './search-models.ts'
import { searchModelVersions } from './search-versions.ts'

/** Finds registered models and their versions, by a filter and in an order, off the event loop. */
export interface RegistrySearch {
  /** By name without an order. @throws `search.invalid`, `search.page_token_invalid` */
  searchRegisteredModels(input: SearchInput): Promise<SearchPage<RegisteredModel>>
  /** The last updated first without an order. @throws `search.invalid`, `search.page_token_invalid` */
  searchModelVersions(input: SearchInput): Promise<SearchPage<ModelVersion>>
}

export function createRegistrySearch({ db }: { db: Database }): RegistrySearch {
  return {
    searchRegisteredModels: (input) => searchRegisteredModels(db, input),
    searchModelVersions: (input) => searchModelVersions(db, input),
  }
}
