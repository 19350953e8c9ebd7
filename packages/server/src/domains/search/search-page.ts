import type { Dialect } from './vocabulary.ts'

/** What every search can be given. */
export interface SearchInput {
  filter?: string
  /** Such as `metrics.loss DESC`. */
  orderBy?: readonly string[]
  /** `native` by default. */
  dialect?: Dialect
  /** Most things of the answer; 100 by default. */
  limit?: number
  /** `nextPageToken` of the previous answer to the same search. */
  pageToken?: string
  /** Also counts everything that fits. */
  count?: boolean
}

export interface SearchPage<Item> {
  items: Item[]
  /** Absent on the last page. */
  nextPageToken?: string
  /** How many things fit in all, if asked for. */
  total?: number
}

export const defaultSearchLimit = 100
