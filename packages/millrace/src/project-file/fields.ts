/** What a file says about one thing. Reading says where in the file something is wrong. */
export interface Fields {
  /** Where it is, for messages: `featureViews.spending`. */
  readonly at: string
  has(name: string): boolean
  /** As it is written. */
  get(name: string): unknown
  text(name: string): string
  optionalText(name: string): string | undefined
  texts(name: string): string[]
  /** The things in it by name; none if it is left out. */
  entries(name: string): [string, unknown][]
}

/** @throws TypeError if it is no mapping, or has a field that is not known */
export function fieldsOf(value: unknown, at: string, known: readonly string[]): Fields {
  const fields = mappingOf(value, at)
  const unknown = Object.keys(fields).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`${at}: there is no field "${unknown}"; known are ${known.join(', ')}`)
  const of = (name: string) => (at === '' ? name : `${at}.${name}`)
  const optionalText = (name: string): string | undefined => {
    const found = fields[name]
    if (found === undefined || typeof found === 'string') return found
    throw new TypeError(`${of(name)} must be a text, got ${JSON.stringify(found)}`)
  }
  return {
    at,
    has: (name) => fields[name] !== undefined,
    get: (name) => fields[name],
    optionalText,
    text(name) {
      const found = optionalText(name)
      if (found === undefined) throw new TypeError(`${of(name)} is missing`)
      return found
    },
    texts(name) {
      const list = fields[name]
      if (Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string')) return list
      throw new TypeError(`${of(name)} must be a list of texts, got ${JSON.stringify(list) ?? 'nothing'}`)
    },
    entries: (name) => Object.entries(fields[name] === undefined ? {} : mappingOf(fields[name], of(name))),
  }
}

function mappingOf(value: unknown, at: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new TypeError(
    `${at || 'the file'} must be a mapping of names to values, got ${JSON.stringify(value) ?? 'nothing'}`,
  )
}
