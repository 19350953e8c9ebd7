/** Where artifacts of the source are on the target, by their locations. */
export interface Places {
  add(from: string | null, to: string): void
  /** The place of a location within one that was added; undefined if there is none. */
  find(location: string): string | undefined
}

export function createPlaces(): Places {
  const places = new Map<string, string>()
  return {
    add(from, to) {
      if (from !== null) places.set(normalize(from), to)
    },
    find(location) {
      let rest = normalize(location)
      let below = ''
      while (rest !== '') {
        const found = places.get(rest)
        if (found !== undefined) return `${found}${below}`
        const slash = rest.lastIndexOf('/')
        if (slash < 0) return undefined
        below = `${rest.slice(slash)}${below}`
        rest = rest.slice(0, slash)
      }
      return undefined
    },
  }
}

/** One spelling of each local path: `file:///a`, `file:/a` and `/a` are one. */
function normalize(location: string): string {
  const path = /^file:(?:\/\/(?=\/))?(.*)$/.exec(location)?.[1]
  return (path === undefined ? location : decodeURIComponent(path)).replace(/\/+$/, '')
}
