import { isKeyword, type Token } from './tokens.ts'

/** One condition as it was written: nothing of it is checked but its shape. */
export interface Clause {
  name: Token
  /** Comparison operators as in SQL, words in upper case, e.g. `NOT IN`. */
  operator: string
  /** The values; those of a list without its brackets and commas. */
  values: Token[]
  /** True for a bracketed list of values. */
  list: boolean
  /** The tokens of it. */
  start: number
  end: number
}

const keywords = new Set(['AND', 'OR', 'NOT', 'LIKE', 'ILIKE', 'IN', 'IS', 'NULL', 'BETWEEN'])
const spellings: Record<string, string> = { '==': '=', '<>': '!=' }

/** The condition that begins at that token; undefined if there is none. */
export function readClause(tokens: readonly Token[], start: number): Clause | undefined {
  const name = tokens[start]
  if (!name || !isName(name)) return undefined
  const operator = readOperator(tokens, start + 1)
  if (!operator) return undefined
  const clause = { name, operator: operator.name, start }
  if (operator.name.startsWith('IS')) return { ...clause, values: [], list: false, end: operator.end }
  if (operator.name.endsWith('BETWEEN')) {
    const [low, and, high] = tokens.slice(operator.end, operator.end + 3)
    if (!low || !high || !isValue(low) || !isValue(high) || !isKeyword(and, 'AND')) return undefined
    return { ...clause, values: [low, high], list: false, end: operator.end + 3 }
  }
  const list = readList(tokens, operator.end)
  if (list) return { ...clause, ...list, list: true }
  const value = tokens[operator.end]
  if (!value || !isValue(value) || operator.name.endsWith('IN')) return undefined
  return { ...clause, values: [value], list: false, end: operator.end + 1 }
}

/** A word, or a name in double quotes, which elsewhere is a value. */
function isName(token: Token): boolean {
  return token.type === 'word'
    ? !keywords.has(token.text.toUpperCase())
    : token.type === 'string' && token.text.startsWith('"')
}

function isValue(token: Token): boolean {
  return token.type === 'string' || token.type === 'number' || isName(token)
}

function readOperator(tokens: readonly Token[], at: number): { name: string; end: number } | undefined {
  const token = tokens[at]
  if (token?.type === 'operator') return { name: spellings[token.text] ?? token.text, end: at + 1 }
  if (isKeyword(token, 'IS')) {
    const negated = isKeyword(tokens[at + 1], 'NOT')
    const end = at + (negated ? 3 : 2)
    return isKeyword(tokens[end - 1], 'NULL') ? { name: negated ? 'IS NOT NULL' : 'IS NULL', end } : undefined
  }
  const negated = isKeyword(token, 'NOT')
  const word = tokens[negated ? at + 1 : at]
  const name = word?.text.toUpperCase() ?? ''
  if (word?.type !== 'word' || !['LIKE', 'ILIKE', 'IN', 'BETWEEN'].includes(name)) return undefined
  return { name: negated ? `NOT ${name}` : name, end: at + (negated ? 2 : 1) }
}

function readList(tokens: readonly Token[], at: number): { values: Token[]; end: number } | undefined {
  if (tokens[at]?.type !== 'open') return undefined
  if (tokens[at + 1]?.type === 'close') return { values: [], end: at + 2 }
  const values: Token[] = []
  for (let i = at + 1; ; i += 2) {
    const [value, mark] = [tokens[i], tokens[i + 1]]
    if (!value || !mark || !isValue(value)) return undefined
    values.push(value)
    if (mark.type === 'close') return { values, end: i + 2 }
    if (mark.type !== 'comma') return undefined
    // A trailing comma, as MLflow's client writes it for a tuple of one.
    if (tokens[i + 2]?.type === 'close') return { values, end: i + 3 }
  }
}
