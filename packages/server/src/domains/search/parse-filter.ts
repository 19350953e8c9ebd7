import { readClause } from './clause.ts'
import { type ParseOptions, toCondition } from './condition.ts'
import type { Condition, Filter } from './filter.ts'
import { invalidSearch, searchLimits } from './limits.ts'
import { parseNative } from './parse-native.ts'
import { isKeyword, type Token, tokenize } from './tokens.ts'

/**
 * Parses a filter of either dialect.
 * @returns undefined for a filter without conditions, which everything fits
 * @throws `search.invalid` with the reason, in the mlflow dialect with MLflow's own
 */
export function parseFilter(text: string, options: ParseOptions): Filter | undefined {
  const tokens = tokenize(text, options.dialect)
  if (tokens.length === 0) return undefined
  const filter =
    options.dialect === 'mlflow' ? parseMlflow(text, tokens, options) : parseNative(text, tokens, options)
  if (filter) checkSize(filter)
  return filter
}

/** Comparisons and ANDs. MLflow takes no offence at ANDs that are doubled, missing or left over, nor do we. */
function parseMlflow(text: string, tokens: readonly Token[], options: ParseOptions): Filter | undefined {
  const clauses = []
  const invalid: string[] = []
  for (let at = 0; at < tokens.length; ) {
    const clause = readClause(tokens, at)
    if (clause && !clause.operator.endsWith('BETWEEN')) {
      clauses.push(clause)
      at = clause.end
      continue
    }
    const end = tokens[at]?.type === 'open' ? afterBracket(tokens, at) : at + 1
    if (!isKeyword(tokens[at], 'AND')) invalid.push(textOf(text, tokens.slice(at, end)))
    at = end
  }
  if (invalid.length > 0) throw invalidSearch(options.vocabulary.mlflow.invalidClauses(invalid, text))
  const operands = clauses.map((clause) => toCondition(clause, options))
  return operands.length > 1 ? { kind: 'and', operands } : operands[0]
}

function afterBracket(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]?.type === 'open') depth++
    if (tokens[at]?.type === 'close' && --depth === 0) return at + 1
  }
  return tokens.length
}

function textOf(text: string, tokens: readonly Token[]): string {
  const last = tokens.at(-1)
  return text.slice(tokens[0]?.start, last && last.start + last.text.length)
}

/** All conditions of a filter. */
export function conditionsOf(filter: Filter): Condition[] {
  if (filter.kind === 'not') return conditionsOf(filter.operand)
  if (filter.kind === 'and' || filter.kind === 'or') return filter.operands.flatMap(conditionsOf)
  return [filter]
}

function checkSize(filter: Filter): void {
  const conditions = conditionsOf(filter)
  if (conditions.length > searchLimits.conditions) {
    throw invalidSearch(
      `The filter has ${conditions.length} conditions, at most ${searchLimits.conditions} are accepted`,
    )
  }
  const values = conditions.reduce((sum, each) => sum + (each.kind === 'in' ? each.values.length : 1), 0)
  if (values > searchLimits.values) {
    throw invalidSearch(`The filter has ${values} values, at most ${searchLimits.values} are accepted`)
  }
}
