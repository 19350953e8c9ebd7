import { fail } from '@millrace/protocol'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import type { SortKey } from './sort.ts'

/** A search as far as it decides what is on which page. */
export type SearchIdentity = Readonly<Record<string, unknown>>

interface TokenContent {
  search: string
  after: SortKey[]
}

/** A token for the page after the thing with these sort keys. It names the search that it goes on with. */
export function writePageToken(search: SearchIdentity, after: readonly SortKey[]): string {
  return Buffer.from(JSON.stringify({ search: digestOf(search), after })).toString('base64')
}

/**
 * The sort keys of the last thing of the previous page.
 * @throws `search.page_token_invalid` for what is no token, or one of another search
 */
export function readPageToken(token: string, search: SearchIdentity, columns: number): SortKey[] {
  const content = decode(token)
  if (!content) throw fail('search.page_token_invalid', { reason: `"${token.slice(0, 50)}" cannot be read` })
  if (content.search !== digestOf(search) || content.after.length !== columns) {
    throw fail('search.page_token_invalid', { reason: 'it is of another search' })
  }
  return content.after
}

function digestOf(search: SearchIdentity): string {
  return sha256(canonicalJson(search)).slice(0, 16)
}

function decode(token: string): TokenContent | undefined {
  let content: Partial<TokenContent> | null
  try {
    content = JSON.parse(Buffer.from(token, 'base64').toString()) as Partial<TokenContent> | null
  } catch {
    return undefined
  }
  const { search, after } = content ?? {}
  const isKey = (key: unknown) => typeof key === 'string' || Number.isFinite(key)
  return typeof search === 'string' && Array.isArray(after) && after.every(isKey)
    ? { search, after }
    : undefined
}
