import { randomBytes } from 'node:crypto'

/**
 * A new id `<prefix>_<time><random>`: 26 characters of Crockford base 32 after the prefix, the first ten the
 * time in milliseconds, so ids of one kind sort by creation (the layout of a ULID).
 */
export function newId(prefix: string, now: number = Date.now()): string {
  let time = ''
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = alphabet[rest % 32] + time
  let random = ''
  for (const byte of randomBytes(16)) random += alphabet[byte & 31]
  return `${prefix}_${time}${random}`
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
