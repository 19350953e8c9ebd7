import { randomBytes, randomFillSync } from 'node:crypto'

/**
 * A new id `<prefix>_<time><random>`: 26 characters of Crockford base 32 after the prefix, the first ten the
 * time in milliseconds, so ids of one kind sort by creation (the layout of a ULID).
 */
export function newId(prefix: string, now: number = Date.now()): string {
  let time = ''
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = alphabet[rest % 32] + time
  let random = ''
  if (used + idBytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  for (const end = used + idBytes; used < end; used++) random += alphabet[pool[used] & 31]
  return `${prefix}_${time}${random}`
}

/**
 * A new id of 32 hex digits that begins with the time: the bits of a UUID version 7 (RFC 9562), without dashes.
 */
export function newHexId(now: number = Date.now()): string {
  const random = randomBytes(10).toString('hex')
  const variant = '89ab'[Number.parseInt(random[3], 16) & 3]
  return `${now.toString(16).padStart(12, '0')}7${random.slice(0, 3)}${variant}${random.slice(4, 19)}`
}

const idBytes = 16
/** Random bytes for many ids at once: a system call for each was a fifth of the time of a prediction. */
const pool = new Uint8Array(256 * idBytes)
let used = pool.length
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
