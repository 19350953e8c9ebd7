import type { Described as DescribedWire } from '@millrace/protocol'

/** What people want to know. It can be changed at any time: it is no part of what a definition means. */
export interface Described {
  readonly description?: string
  /** Whom to ask: a person, a team, an address. Default, for features: the owner of the view. */
  readonly owner?: string
  readonly tags?: Readonly<Record<string, string>>
}

/** What was given of it. @throws TypeError for an empty text, or a tag whose name is none */
export function compileDescribed(of: string, { description, owner, tags }: Described): DescribedWire {
  for (const [field, text] of Object.entries({ description, owner })) {
    if (text === '') throw new TypeError(`${of}: ${field} is empty; leave it out`)
  }
  const wrong = Object.keys(tags ?? {}).find((tag) => tag === '' || tag.length > 250 || tag.includes('='))
  if (wrong !== undefined)
    throw new TypeError(`${of}: "${wrong}" cannot be the name of a tag: 1 to 250 characters, without =`)
  return {
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    ...(tags && Object.keys(tags).length > 0 && { tags: { ...tags } }),
  }
}
