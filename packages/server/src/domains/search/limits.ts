import { fail } from '@millrace/protocol'

/** Bounds on what a search may ask for, far beyond what people write; they keep statements within every engine's own. */
export const searchLimits = {
  /** Characters of a filter. */
  filter: 256 * 1024,
  /** Conditions of a filter. */
  conditions: 100,
  /** Values of all conditions together. */
  values: 5000,
  /** Parentheses and NOTs around each other. */
  depth: 32,
  /** Characters of a LIKE pattern. */
  pattern: 5000,
  orderTerms: 10,
}

/** @throws `search.invalid`, always: written so that callers can say `throw invalidSearch(…)` */
export function invalidSearch(reason: string) {
  return fail('search.invalid', { reason })
}
