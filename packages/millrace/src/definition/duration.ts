const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

type Unit = keyof typeof units

/** A length of time: a number and a unit, such as `'500ms'`, `'15m'`, `'24h'`, `'30d'`, `'2w'`. */
export type Duration = `${number}${Unit}`

/**
 * Reads a duration.
 * @param owner What the duration belongs to, e.g. `feature view "x": ttl`; begins the error message.
 * @returns Whole milliseconds, positive unless `signed` is set.
 * @throws TypeError if the text is not a duration, not a whole number of milliseconds, or out of range.
 */
export function parseDuration(text: string, owner: string, options: { signed?: boolean } = {}): number {
  const match = /^(-?)(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text)
  const expected = `"${text}" is not a duration; write a number and one of ms, s, m, h, d, w, such as "24h"`
  if (!match) throw new TypeError(`${owner}: ${expected}`)
  const ms = Number(match[2]) * units[match[3] as Unit]
  if (!Number.isSafeInteger(ms))
    throw new TypeError(`${owner}: "${text}" is not a whole number of milliseconds`)
  if (options.signed) return match[1] && ms !== 0 ? -ms : ms
  if (match[1] || ms === 0) throw new TypeError(`${owner}: "${text}" must be longer than zero`)
  return ms
}
