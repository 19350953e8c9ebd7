import type { Clause } from './clause.ts'
import { type NamedField, readField } from './field.ts'
import type { Filter, Operator, Value } from './filter.ts'
import { invalidSearch, searchLimits } from './limits.ts'
import type { Token } from './tokens.ts'
import type { Dialect, MlflowRules, Vocabulary } from './vocabulary.ts'

export interface ParseOptions {
  vocabulary: Vocabulary
  dialect: Dialect
}

const numeric = ['=', '!=', '<', '<=', '>', '>=']
const textual = ['=', '!=', 'LIKE', 'ILIKE']
const lists = ['IN', 'NOT IN']
const nulls = ['IS NULL', 'IS NOT NULL']

/**
 * Checks that field, operator and values of a clause fit.
 * @throws `search.invalid`, in the mlflow dialect with MLflow's reasons
 */
export function toCondition(clause: Clause, options: ParseOptions): Filter {
  const named = readField(clause.name, { ...options, use: 'filter' })
  if (options.dialect === 'mlflow') checkMlflow(clause, named, options.vocabulary.mlflow)
  const { field } = named
  const negated = clause.operator.includes('NOT')
  if (nulls.includes(clause.operator)) return { kind: 'null', field, negated }
  if (lists.includes(clause.operator)) {
    if (!clause.list || clause.values.length === 0) {
      throw invalidSearch(
        'While parsing a list in the query, expected a non-empty list of string values, but got empty list',
      )
    }
    return {
      kind: 'in',
      field,
      negated,
      values: clause.values.map((token) => readValue(token, named, options)),
    }
  }
  if (clause.list) {
    throw invalidSearch(`Invalid comparison clause: '${named.text} ${clause.operator}' takes no list; use IN`)
  }
  const [low, high] = clause.values.map((token) => readValue(token, named, options))
  if (low === undefined) throw invalidSearch(`Invalid comparison clause: '${named.text}' lacks a value`)
  if (high !== undefined) {
    const between: Filter = { kind: 'between', field, low, high }
    return negated ? { kind: 'not', operand: between } : between
  }
  const operator = clause.operator.replace('NOT ', '') as Operator
  if (operator.endsWith('LIKE')) checkPattern(low, named)
  const comparison: Filter = { kind: 'comparison', field, operator, value: low }
  return negated ? { kind: 'not', operand: comparison } : comparison
}

function checkPattern(value: Value, named: NamedField): void {
  if (named.type === 'number') {
    throw invalidSearch(`Invalid comparator: '${named.text}' is a number, which LIKE cannot be asked about`)
  }
  if (String(value).length > searchLimits.pattern) {
    throw invalidSearch(`A LIKE pattern has at most ${searchLimits.pattern} characters`)
  }
}

function checkMlflow(clause: Clause, { field, type, attribute, text }: NamedField, rules: MlflowRules): void {
  const { operator } = clause
  if (nulls.includes(operator)) {
    if (rules.nullable.includes(field.kind)) return
    const [only, name] =
      rules.nullable.length === 1
        ? ['tags', `${field.kind} '${field.key}'`]
        : ['tags and params', `'${field.kind}' '${field.key}'`]
    throw invalidSearch(
      rules.nullable.length === 0
        ? rules.invalidComparator(text, operator, textual)
        : `IS NULL / IS NOT NULL is only supported for ${only}, not for ${name}`,
    )
  }
  const listed = rules.lenient || field.kind === 'dataset' || rules.listed.includes(field.key)
  const takesLists =
    type === 'text' && (field.kind === 'attribute' ? listed : listed && field.kind !== 'metric')
  if (clause.list && !takesLists && type === 'text') {
    throw invalidSearch(
      field.kind === 'attribute'
        ? `Only [${rules.listed.map((key) => `'${key}'`).join(', ')}] attributes support comparison with a list of quoted string values.`
        : `Expected a quoted string value for ${field.kind} (e.g. 'my-value'). Got value (${clause.values.map((value) => value.text).join(', ')})`,
    )
  }
  // A value of the wrong kind is reported before an operator that does not fit, as MLflow does.
  if (!rules.lenient && !clause.list) {
    for (const value of clause.values)
      readValue(value, { field, type, attribute, text }, { dialect: 'mlflow', rules })
  }
  const accepted = type === 'number' ? numeric : takesLists ? [...textual, ...lists] : textual
  if (!accepted.includes(operator)) throw invalidSearch(rules.invalidComparator(text, operator, accepted))
}

function readValue(
  token: Token,
  { field, type, attribute }: NamedField,
  options: { dialect: Dialect; rules?: MlflowRules; vocabulary?: Vocabulary },
): Value {
  const rules = options.rules ?? options.vocabulary?.mlflow
  if (type === 'number') {
    const quotedNumber =
      attribute?.quotable && token.type === 'string' && /^-?\d+(\.\d+)?$/.test(token.value.trim())
    if (token.type === 'number' || quotedNumber) return Number(token.value)
    throw invalidSearch(
      field.kind === 'metric'
        ? `Expected numeric value type for metric. Found ${token.text}`
        : `Expected numeric value type for numeric attribute: ${field.key}. Found ${token.text}`,
    )
  }
  if (token.type === 'string') return token.value
  if (rules?.lenient && token.type === 'number' && options.dialect === 'mlflow') return token.text
  if (field.kind === 'parameter' || field.kind === 'tag') {
    throw invalidSearch(
      token.type === 'word'
        ? `${field.kind === 'tag' ? 'Tag' : 'Parameter'} value is either not quoted or unidentified quote types used for string value ${token.text}. Use either single or double quotes.`
        : `Expected a quoted string value for ${field.kind} (e.g. 'my-value'). Got value ${token.text}`,
    )
  }
  throw invalidSearch(
    `Expected a quoted string value for ${field.kind === 'dataset' ? 'dataset attributes' : 'attributes'}. Got value ${token.text}`,
  )
}
