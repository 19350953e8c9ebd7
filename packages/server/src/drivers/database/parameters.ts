import { fail } from '@millrace/protocol'

export type Parameter = string | number | bigint | null | Uint8Array

/**
 * Checks what is bound to a statement, so that every engine takes and refuses the same values.
 *
 * @throws `TypeError` for values that have no column type (booleans, undefined, objects) and for NaN, which SQLite
 *   would silently store as NULL. `request.invalid` for text with U+0000, which PostgreSQL cannot store.
 */
export function checkedParameter(value: unknown): Parameter {
  if (value === null || typeof value === 'bigint' || value instanceof Uint8Array) return value
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw new TypeError('NaN cannot be stored in the database; use null')
    return value
  }
  if (typeof value === 'string') {
    if (value.includes('\0')) {
      throw fail('request.invalid', {
        reason: 'a text contains the character U+0000, which cannot be stored',
      })
    }
    return value
  }
  throw new TypeError(
    `A ${typeof value} cannot be stored in the database; use text, numbers or null (0 and 1 for booleans)`,
  )
}
