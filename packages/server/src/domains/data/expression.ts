import { type ColumnType, fail, isPlatformError, type Schema } from '@millrace/protocol'
import { quoteText } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { emptyRelation, fitsType } from './column-types.ts'

export interface ExpressionInput {
  sql: string
  /** Columns that the expression may use. */
  columns: Schema
  /** The types that its value may have. */
  types: readonly ColumnType[]
  /** Where it was written, for the message: kind and name of the definition, and the field in it. */
  kind: string
  name: string
  field: string
}

/** A node of the engine's parse tree. */
export interface ParseNode {
  class?: string
  function_name?: string
  column_names?: string[]
  [key: string]: unknown
}

export const allowedClasses: ReadonlySet<string> = new Set([
  'FUNCTION',
  'CONSTANT',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CASE',
  'CAST',
  'OPERATOR',
  'BETWEEN',
  'COLLATE',
])
/** Functions that the engine calls consistent though their answer depends on the day or on its version. */
const inconsistent = [
  'age',
  'current_localtime',
  'current_localtimestamp',
  'current_setting',
  'getvariable',
  'version',
]
/** The macros that are functions of their arguments; others aggregate, wait, or ask for the time. */
const allowedMacros = [
  'date_add',
  'days_in_month',
  'fdiv',
  'fmod',
  'md5_number_lower',
  'md5_number_upper',
  'nullif',
  'round_even',
  'roundbankers',
  'split_part',
]
/** Clauses of a SELECT that must be as empty as they are in `SELECT (1)`. */
const clauses = ['where_clause', 'having', 'sample', 'qualify'] as const

/**
 * Checks that a text from a definition is one scalar expression over the given columns and nothing else: no
 * statement, subquery, window, aggregate, table function, nor a function whose answer changes between calls. It is
 * decided on the engine's own parse tree, not on the text.
 * @throws `definition.invalid` naming the field and the reason
 */
export async function checkExpression(lake: Lake, input: ExpressionInput): Promise<void> {
  const refuse = (reason: string) =>
    fail('definition.invalid', {
      kind: input.kind,
      name: input.name,
      reason: `${input.field} ${reason} in: ${input.sql.slice(0, 200)}`,
    })
  const node = await parseSelect(lake, `SELECT (${input.sql}\n)`, refuse)
  if (!node || !isBareSelect(node)) throw refuse('must be one expression and no statement')
  const columns = new Set(Object.keys(input.columns).map((name) => name.toLowerCase()))
  const functions = new Set<string>()
  visit(node.select_list, (inner) => {
    if (!allowedClasses.has(inner.class ?? ''))
      throw refuse(`uses a ${inner.class?.toLowerCase()}, which is not allowed`)
    // Some words that are no column, such as current_date, are read as one and mean a function.
    const [column] = inner.column_names ?? []
    if (column !== undefined && !columns.has(column.toLowerCase()))
      throw refuse(`does not fit the columns (there is no "${column}")`)
    if (inner.class === 'FUNCTION' && inner.function_name) functions.add(inner.function_name)
  })
  await checkFunctions(lake, [...functions], refuse)
  await checkType(lake, input, refuse)
}

/** The tree of a text that is one SELECT; undefined if it is several statements. */
export async function parseSelect(
  lake: Pick<Lake, 'rows'>,
  sql: string,
  refuse: (reason: string) => Error,
): Promise<ParseNode | undefined> {
  if (sql.includes('\0')) throw refuse('holds the character U+0000')
  const [{ tree }] = await lake.rows<{ tree: string }>(`SELECT json_serialize_sql(${quoteText(sql)}) AS tree`)
  const parsed = JSON.parse(tree) as {
    error: boolean
    error_message?: string
    statements?: { node: ParseNode }[]
  }
  if (parsed.error) throw refuse(`cannot be read (${parsed.error_message})`)
  return parsed.statements?.length === 1 ? parsed.statements[0].node : undefined
}

function isBareSelect(node: ParseNode): boolean {
  const selected = node.select_list
  return (
    node.type === 'SELECT_NODE' &&
    Array.isArray(selected) &&
    selected.length === 1 &&
    (node.from_table as { type?: string } | null)?.type === 'EMPTY' &&
    clauses.every((clause) => node[clause] === null) &&
    [node.modifiers, node.group_expressions, (node.cte_map as { map?: unknown }).map].every(
      (list) => Array.isArray(list) && list.length === 0,
    )
  )
}

/** Calls `seen` for every object of the tree that is an expression. */
export function visit(value: unknown, seen: (node: ParseNode) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, seen)
  else if (value !== null && typeof value === 'object') {
    const node = value as ParseNode
    if (typeof node.class === 'string') seen(node)
    for (const inner of Object.values(node)) visit(inner, seen)
  }
}

/** Refuses functions whose answer depends on more than their arguments. */
export async function checkFunctions(
  lake: Pick<Lake, 'rows'>,
  names: readonly string[],
  refuse: (reason: string) => Error,
  { aggregates = false }: { aggregates?: boolean } = {},
): Promise<void> {
  if (names.length === 0) return
  const types = aggregates ? `'scalar', 'aggregate'` : `'scalar'`
  const allowed = await lake.rows<{ name: string }>(
    `SELECT DISTINCT function_name AS name FROM duckdb_functions()
     WHERE function_name IN (${names.map(quoteText).join(', ')})
       AND function_name NOT IN (${inconsistent.map(quoteText).join(', ')})
       AND (function_type IN (${types}) AND stability = 'CONSISTENT'
         OR function_type = 'macro' AND function_name IN (${allowedMacros.map(quoteText).join(', ')}))`,
  )
  const known = new Set(allowed.map(({ name }) => name))
  const bad = names.find((name) => !known.has(name))
  if (bad) throw refuse(`uses the function ${bad}, which is unknown or not allowed`)
}

async function checkType(
  lake: Lake,
  input: ExpressionInput,
  refuse: (reason: string) => Error,
): Promise<void> {
  try {
    const [{ column_type: found }] = await lake.rows<{ column_type: string }>(
      `DESCRIBE SELECT (${input.sql}\n) AS value FROM ${emptyRelation(input.columns)}`,
    )
    if (!input.types.some((type) => fitsType(found, type))) {
      throw refuse(`gives ${found} where ${input.types.join(' or ')} is declared`)
    }
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
    throw refuse(`does not fit the columns (${error.details.reason})`)
  }
}
