import type { ParseOptions } from './condition.ts'
import { readField } from './field.ts'
import type { OrderTerm } from './filter.ts'
import { invalidSearch, searchLimits } from './limits.ts'
import { tokenize } from './tokens.ts'

/**
 * Parses terms such as `metrics.loss DESC`; ascending without a direction.
 * @throws `search.invalid` with MLflow's reasons, also for a field that is named twice
 */
export function parseOrder(terms: readonly string[], options: ParseOptions): OrderTerm[] {
  if (terms.length > searchLimits.orderTerms) {
    throw invalidSearch(
      `At most ${searchLimits.orderTerms} order_by clauses are accepted, got ${terms.length}`,
    )
  }
  const parsed = terms.map((term) => parseTerm(term, options))
  const seen = new Set<string>()
  for (const { field } of parsed) {
    const id = `${field.kind}.${field.key}`
    if (seen.has(id)) throw invalidSearch(`\`order_by\` contains duplicate fields: ${JSON.stringify(terms)}`)
    seen.add(id)
  }
  return parsed
}

function parseTerm(text: string, options: ParseOptions): OrderTerm {
  const [name, direction, ...rest] = tokenize(text, options.dialect)
  const nameable = name?.type === 'word' || (name?.type === 'string' && name.text.startsWith('"'))
  if (!name || !nameable || rest.length > 0 || (direction && direction.type !== 'word')) {
    throw invalidSearch(`Invalid order_by clause '${text}'. Could not be parsed.`)
  }
  const word = direction?.text.toUpperCase() ?? 'ASC'
  if (word !== 'ASC' && word !== 'DESC') {
    throw invalidSearch(`Invalid ordering key in order_by clause '${text}'.`)
  }
  const { field } = readField(name, { ...options, use: 'order' })
  if (field.kind === 'dataset') {
    throw invalidSearch(`Invalid order_by clause '${text}': datasets have no order.`)
  }
  return { field, descending: word === 'DESC' }
}
