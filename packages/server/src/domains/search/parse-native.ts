import { readClause } from './clause.ts'
import { type ParseOptions, toCondition } from './condition.ts'
import type { Filter } from './filter.ts'
import { invalidSearch, searchLimits } from './limits.ts'
import { isKeyword, type Token } from './tokens.ts'

/**
 * Recursive descent over `or := and {OR and}`, `and := not {AND not}`, `not := NOT not | ( or ) | condition`. What
 * stands in parentheses stays a node of its own.
 */
export function parseNative(text: string, tokens: readonly Token[], options: ParseOptions): Filter {
  let at = 0
  let depth = 0

  function unexpected(): Error {
    const token = tokens[at]
    if (!token) return invalidSearch(`The filter ends too early: ${JSON.stringify(text.slice(-100))}`)
    const found = JSON.stringify(text.slice(token.start, token.start + 60))
    return invalidSearch(
      `The filter cannot be read at character ${token.start + 1}: ${found}. Expected a condition such as metrics.loss < 0.5, tags.team = 'a', params.lr IN ('1', '2') or end_time IS NULL`,
    )
  }
  function enter<Result>(read: () => Result): Result {
    if (++depth > searchLimits.depth) {
      throw invalidSearch(`The filter is nested deeper than ${searchLimits.depth} levels`)
    }
    const result = read()
    depth--
    return result
  }
  function readJoined(kind: 'and' | 'or', read: () => Filter): Filter {
    const operands = [read()]
    while (isKeyword(tokens[at], kind.toUpperCase())) {
      at++
      operands.push(read())
    }
    const [first] = operands
    return operands.length === 1 && first ? first : { kind, operands }
  }
  const readOr = (): Filter => readJoined('or', readAnd)
  const readAnd = (): Filter => readJoined('and', readNot)
  function readNot(): Filter {
    if (isKeyword(tokens[at], 'NOT')) {
      at++
      return enter(() => ({ kind: 'not', operand: readNot() }))
    }
    if (tokens[at]?.type === 'open') {
      at++
      const inner = enter(readOr)
      if (tokens[at]?.type !== 'close') throw unexpected()
      at++
      return inner
    }
    const clause = readClause(tokens, at)
    if (!clause) throw unexpected()
    at = clause.end
    return toCondition(clause, options)
  }

  const filter = readOr()
  if (at < tokens.length) throw unexpected()
  return filter
}
