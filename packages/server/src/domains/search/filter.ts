/** What a value hangs on: `metrics.loss` is the metric `loss`, a bare word is an attribute of the searched thing. */
export type FieldKind = 'metric' | 'parameter' | 'tag' | 'attribute' | 'dataset'

export interface Field {
  kind: FieldKind
  /** The canonical name: an attribute's aliases are resolved by the parser. */
  key: string
}

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE'

/** Numbers for metrics and numeric attributes, texts for everything else. */
export type Value = string | number

export type Comparison = { kind: 'comparison'; field: Field; operator: Operator; value: Value }

/** Conditions of which each is decided by one field. */
export type Condition =
  | Comparison
  | { kind: 'in'; field: Field; negated: boolean; values: Value[] }
  | { kind: 'null'; field: Field; negated: boolean }
  | { kind: 'between'; field: Field; low: Value; high: Value }

/**
 * A filter as a tree. It is two-valued: a condition on something that is missing is false (only `IS NULL` is true),
 * and NOT turns false into true. Numbers compare as in IEEE 754, so NaN is unequal to everything.
 */
export type Filter =
  | Condition
  | { kind: 'and'; operands: Filter[] }
  | { kind: 'or'; operands: Filter[] }
  | { kind: 'not'; operand: Filter }

export interface OrderTerm {
  field: Field
  descending: boolean
}
