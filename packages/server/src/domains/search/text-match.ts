import { type RawBuilder, sql } from 'kysely'
import type { Sql } from './target.ts'

/**
 * LIKE by code points; `%` and `_` are its only special characters. SQLite's own LIKE takes no notice of case, so there
 * it is a GLOB.
 */
export function like(column: Sql, pattern: string, dialect: 'sqlite' | 'postgres'): RawBuilder<boolean> {
  return dialect === 'sqlite'
    ? sql`${column} glob ${toGlob(pattern)}`
    : sql`${column} like ${pattern} escape ''`
}

/** LIKE that takes no notice of the case of A to Z. */
export function ilike(column: Sql, pattern: string, dialect: 'sqlite' | 'postgres'): RawBuilder<boolean> {
  return dialect === 'sqlite' ? sql`${column} like ${pattern}` : sql`${column} ilike ${pattern} escape ''`
}

function toGlob(pattern: string): string {
  return pattern.replace(/[*?[%_]/g, (char) => (char === '%' ? '*' : char === '_' ? '?' : `[${char}]`))
}

/**
 * What every text that fits begins with, as the range of texts from `from` up to but without `to`; undefined for a
 * pattern that begins with a wildcard.
 */
export function prefixRange(pattern: string): { from: string; to: string } | undefined {
  const prefix = [...(/^[^%_]*/.exec(pattern)?.[0] ?? '')].slice(0, 100).join('')
  const last = prefix.codePointAt(prefix.length - 1)
  // Surrogates and the last code point have no plain successor.
  if (last === undefined || last >= 0xd7ff || !prefix.isWellFormed()) return undefined
  return { from: prefix, to: prefix.slice(0, -1) + String.fromCodePoint(last + 1) }
}
