import type { Field, FieldKind } from './filter.ts'

/** `mlflow`: the language of MLflow's clients, with its refusals. `native`: a superset with OR, NOT, lists, ranges. */
export type Dialect = 'mlflow' | 'native'

export interface AttributeWord {
  /** The name that the parser gives on. */
  key: string
  type: 'text' | 'number'
  /** What the word stands for, where that is no attribute: the parser gives on this instead. */
  field?: Field
  /** A numeric attribute that may also be written in quotes. */
  quotable?: boolean
}

/** The words with which one kind of thing is searched. */
export interface Vocabulary {
  /** Words before the first dot. */
  prefixes: Readonly<Record<string, FieldKind>>
  /** Attributes by every spelling that is accepted, aliases too. */
  attributes: Readonly<Record<string, AttributeWord>>
  /** Names after `dataset.`; none for things that have no datasets. */
  datasetKeys?: readonly string[]
  mlflow: MlflowRules
}

/** How MLflow's dialect narrows a vocabulary, and in which words it refuses. */
export interface MlflowRules {
  prefixes: readonly string[]
  /** Spellings of attributes that a filter, an order may name. */
  searchable: readonly string[]
  orderable: readonly string[]
  /** Keys of attributes that can be compared with a list. */
  listed: readonly string[]
  /** Kinds that can be asked for IS NULL. */
  nullable: readonly FieldKind[]
  /** True if every text can be compared with a list and a number is taken for a text. */
  lenient?: boolean
  unknownPrefix(prefix: string): string
  /** `clauses`: the pieces of the filter that are no comparison. */
  invalidClauses(clauses: readonly string[], filter: string): string
  invalidComparator(word: string, comparator: string, accepted: readonly string[]): string
}

/** A list of words in the form that MLflow's messages have. */
export function setOf(words: readonly string[]): string {
  return `{${words.map((word) => `'${word}'`).join(', ')}}`
}
