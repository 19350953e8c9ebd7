import { fail } from '@millrace/protocol'

export interface PageInput {
  /** Most items of the answer; 50 by default. */
  limit?: number
  /** `nextPageToken` of the previous answer. */
  pageToken?: string
}

export interface Page<Item> {
  items: Item[]
  /** Absent on the last page. */
  nextPageToken?: string
}

/**
 * Reads one page through `list`, which gets one item more than asked for so that the last page carries no token.
 * @throws `request.invalid` for a token that no earlier page gave
 */
export async function readPage<Item>(
  { limit = 50, pageToken = '0' }: PageInput = {},
  list: (range: { offset: number; limit: number }) => Promise<Item[]>,
): Promise<Page<Item>> {
  const offset = /^\d{1,15}$/.test(pageToken) ? Number(pageToken) : -1
  if (offset < 0) {
    throw fail('request.invalid', { reason: `pageToken "${pageToken}" is not one of a previous answer` })
  }
  const items = await list({ offset, limit: limit + 1 })
  return items.length > limit
    ? { items: items.slice(0, limit), nextPageToken: String(offset + limit) }
    : { items }
}
