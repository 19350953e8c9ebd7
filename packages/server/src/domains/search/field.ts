import type { Field } from './filter.ts'
import { invalidSearch } from './limits.ts'
import type { Token } from './tokens.ts'
import { type AttributeWord, type Dialect, setOf, type Vocabulary } from './vocabulary.ts'

/** A field with what is known of its values. */
export interface NamedField {
  field: Field
  type: 'text' | 'number'
  /** The attribute, if it is one. */
  attribute?: AttributeWord
  /** As it was written. */
  text: string
}

/**
 * Finds what a word names.
 * @param use whether a filter or an order names it: MLflow accepts different attributes there
 * @throws `search.invalid` in MLflow's words for an unknown prefix, attribute or dataset key
 */
export function readField(
  token: Token,
  { vocabulary, dialect, use }: { vocabulary: Vocabulary; dialect: Dialect; use: 'filter' | 'order' },
): NamedField {
  const { prefix, name } = splitName(token)
  const kind = prefix === undefined ? 'attribute' : own(vocabulary.prefixes, prefix)
  const rules = vocabulary.mlflow
  if (
    kind === undefined ||
    (dialect === 'mlflow' && prefix !== undefined && !rules.prefixes.includes(prefix))
  ) {
    throw invalidSearch(rules.unknownPrefix(prefix ?? ''))
  }
  const named = { text: token.text }
  if (kind === 'metric') return { ...named, field: { kind, key: name }, type: 'number' }
  if (kind === 'dataset') {
    const keys = vocabulary.datasetKeys ?? []
    if (!keys.includes(name)) {
      throw invalidSearch(`Invalid dataset key '${name}' specified. Valid keys are '${setOf(keys)}'`)
    }
    return { ...named, field: { kind, key: name }, type: 'text' }
  }
  if (kind !== 'attribute') return { ...named, field: { kind, key: name }, type: 'text' }
  const accepted =
    dialect === 'native'
      ? Object.keys(vocabulary.attributes)
      : use === 'filter'
        ? rules.searchable
        : rules.orderable
  const attribute = own(vocabulary.attributes, name)
  if (!attribute || !accepted.includes(name)) {
    throw invalidSearch(`Invalid attribute key '${name}' specified. Valid keys are '${setOf(accepted)}'`)
  }
  return { ...named, field: attribute.field ?? { kind, key: attribute.key }, type: attribute.type, attribute }
}

/** The part before the first dot, and everything after it; quotes around either are taken off. */
function splitName({ type, text, value }: Token): { prefix?: string; name: string } {
  if (type === 'string') return { name: value }
  const [, prefix, rest] = /^(`[^`]*`|[^.]*)(?:\.(.*))?$/su.exec(text) ?? []
  if (rest === undefined) return { name: unquoted(text) }
  return { prefix: unquoted(prefix ?? ''), name: unquoted(rest) }
}

function unquoted(text: string): string {
  return /^(?:`[^`]*`|"[^"]*"|'[^']*')$/u.test(text) ? text.slice(1, -1) : text
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
