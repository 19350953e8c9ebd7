import { invalidSearch, searchLimits } from './limits.ts'
import type { Dialect } from './vocabulary.ts'

/** `text` is what was written; `value` a string's content. `other`: something that no filter can hold. */
export interface Token {
  type: 'word' | 'string' | 'number' | 'operator' | 'open' | 'close' | 'comma' | 'other'
  text: string
  value: string
  start: number
}

const string = /'(?:[^']|'')*'|"(?:[^"]|"")*"/uy
const number = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_])/uy
const operator = /<=|>=|<>|!=|==|=|<|>/uy
const mark = /[(),]/uy
const gap = /\s+/uy
const other = /[\p{L}\p{N}_.]+|./suy
/** A name, then parts after dots; a part with special characters is quoted with backticks or quotes. */
const words: Record<Dialect, RegExp> = {
  mlflow: /(?:`[^`]*`|[\p{L}_][\p{L}\p{N}_]*)(?:\.(?:`[^`]*`|"[^"]*"|'[^']*'|[\p{L}\p{N}_]*))*/uy,
  native: /(?:`[^`]*`|[\p{L}_][\p{L}\p{N}_]*)(?:\.(?:`[^`]*`|"[^"]*"|[\p{L}\p{N}_/-]*))*/uy,
}
const marks = { '(': 'open', ')': 'close', ',': 'comma' } as const

/**
 * Cuts a filter or an order into tokens; nothing is refused here but its length.
 * @throws `search.invalid` for a text beyond the limit
 */
export function tokenize(text: string, dialect: Dialect): Token[] {
  if (text.length > searchLimits.filter) {
    throw invalidSearch(
      `The filter has ${text.length} characters, at most ${searchLimits.filter} are accepted`,
    )
  }
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  while (at < text.length) {
    const blank = take(gap)
    if (blank) {
      at += blank.length
      continue
    }
    const token = next(take, dialect)
    tokens.push({ ...token, start: at })
    at += token.text.length
  }
  return tokens
}

function next(take: (pattern: RegExp) => string | undefined, dialect: Dialect): Omit<Token, 'start'> {
  const word = take(words[dialect])
  if (word !== undefined) return { type: 'word', text: word, value: word }
  const quoted = take(string)
  if (quoted !== undefined) return { type: 'string', text: quoted, value: contentOf(quoted, dialect) }
  const digits = take(number)
  if (digits !== undefined) return { type: 'number', text: digits, value: digits }
  const comparator = take(operator)
  if (comparator !== undefined) return { type: 'operator', text: comparator, value: comparator }
  const bracket = take(mark) as keyof typeof marks | undefined
  if (bracket !== undefined) return { type: marks[bracket], text: bracket, value: bracket }
  const text = take(other) ?? ''
  return { type: 'other', text, value: text }
}

/** MLflow has no escapes: a doubled quote stays doubled. In the native dialect it stands for one, as in SQL. */
function contentOf(quoted: string, dialect: Dialect): string {
  const inner = quoted.slice(1, -1)
  const quote = quoted[0] ?? ''
  return dialect === 'native' ? inner.replaceAll(quote + quote, quote) : inner
}

/** True for a word that is that keyword, in any case. */
export function isKeyword(token: Token | undefined, keyword: string): boolean {
  return token?.type === 'word' && token.text.toUpperCase() === keyword
}
