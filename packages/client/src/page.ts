/** One page of a list; pass the token on to get the next one. */
export interface Page<T> {
  items: T[]
  nextPageToken?: string
}

export interface PageInput {
  limit?: number
  pageToken?: string
}
