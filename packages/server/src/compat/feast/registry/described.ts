import type { Described } from '@millrace/protocol'

/** What Feast says of a thing to people; fields that are empty there are none here. */
interface FeastDescribed {
  description?: string | undefined
  owner?: string | undefined
  tags: readonly { key?: string | undefined; value?: string | undefined }[]
}

/** The same, as far as it fits: longer texts are cut, and tags whose names cannot be asked for are left. */
export function describedOf({ description, owner, tags }: FeastDescribed): Described {
  const kept = tags.flatMap(({ key = '', value = '' }) =>
    /^[^=]{1,250}$/.test(key) ? [[key, value.slice(0, 1000)] as const] : [],
  )
  return {
    ...(description && { description: description.slice(0, 10_000) }),
    ...(owner && { owner: owner.slice(0, 250) }),
    ...(kept.length > 0 && { tags: Object.fromEntries(kept) }),
  }
}
