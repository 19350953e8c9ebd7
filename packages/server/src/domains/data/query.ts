import { type ColumnType, fail, isPlatformError, type Schema } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { emptyRelation, fitsType, sqlType } from './column-types.ts'
import { allowedClasses, checkFunctions, type ParseNode, parseSelect, visit } from './expression.ts'

export interface QueryInput {
  sql: string
  /** Columns of the tables that the query may read, by name. */
  tables: Readonly<Record<string, Schema>>
  /** Columns that it must give; others are left out. */
  columns: Schema
  /** Where it was written, for the message: kind and name of the definition. */
  kind: string
  name: string
}

/** Words that are read as a column and mean a function of the moment. */
const wordsOfTheMoment = /^(current_|local|session_user$|user$)/

/**
 * Checks that a text from a definition is one query that gives the same rows whenever it reads the same tables: rows
 * are chosen, computed, joined and put together (`SELECT … FROM … JOIN … WHERE`, `WITH`, `UNION ALL`), by the rules of
 * expressions. It neither groups nor orders nor limits, and reads nothing else. Decided on the engine's own parse tree.
 * @throws `definition.invalid`
 */
export async function checkQuery(lake: Lake, input: QueryInput): Promise<void> {
  const refuse = (reason: string) =>
    fail('definition.invalid', {
      kind: input.kind,
      name: input.name,
      reason: `the query ${reason} in: ${input.sql.slice(0, 200)}`,
    })
  const node = await parseSelect(lake, input.sql, refuse)
  if (!node) throw refuse('must be one SELECT')
  const tables = new Map(Object.entries(input.tables).map(([name, schema]) => [name.toLowerCase(), schema]))
  const expressions = readNode(node, new Set(tables.keys()), refuse)
  const columns = new Set([...tables.values()].flatMap((schema) => Object.keys(schema)).map(lower))
  visitNamed(node, (name) => {
    if (wordsOfTheMoment.test(lower(name))) throw refuse(`names something "${name}"`)
    columns.add(lower(name))
  })
  const functions = new Set<string>()
  visit(expressions, (node) => {
    const { class: kind = '', column_names: path } = node
    if (kind === 'STAR' ? node.columns !== false || node.expr !== null : !allowedClasses.has(kind))
      throw refuse(`uses a ${kind.toLowerCase()}, which is not allowed`)
    const column = path?.at(-1)
    if (column !== undefined && !columns.has(lower(column)))
      throw refuse(`does not fit the tables (there is no "${column}")`)
    if (kind === 'FUNCTION' && node.function_name) functions.add(node.function_name)
  })
  await checkFunctions(lake, [...functions], refuse)
  await checkColumns(lake, input, refuse)
}

/** A query over tables as a relation with the declared columns; `relationOf`: the relation of a table. */
export function queryRelation(
  { sql, tables, columns }: { sql: string; tables: readonly string[]; columns: Schema },
  relationOf: (table: string) => string,
): string {
  const typed = Object.entries(columns).map(
    ([name, type]) => `CAST(${quoteName(name)} AS ${sqlType(type)}) AS ${quoteName(name)}`,
  )
  return `(${given(tables, relationOf)} SELECT ${typed.join(', ')} FROM (${sql}\n))`
}

function given(tables: readonly string[], relationOf: (table: string) => string): string {
  return `WITH ${tables.map((name) => `${quoteName(name)} AS (SELECT * FROM ${relationOf(name)})`).join(', ')}`
}

/** Checks the clauses of a query; returns all its expressions. `tables`: what it may read, in lower case. */
function readNode(
  node: ParseNode,
  tables: ReadonlySet<string>,
  refuse: (reason: string) => Error,
): unknown[] {
  const isEmpty = (list: unknown) => Array.isArray(list) && list.length === 0
  if (!isEmpty(node.modifiers)) throw refuse('orders, limits or removes duplicates, which is not allowed')
  const known = new Set(tables)
  const expressions: unknown[] = []
  const ctes = (node.cte_map as { map?: { key: string; value: { query: { node: ParseNode } } }[] }).map ?? []
  for (const { key, value } of ctes) {
    expressions.push(...readNode(value.query.node, known, refuse))
    known.add(lower(key))
  }
  if (node.type === 'SET_OPERATION_NODE') {
    if (node.setop_type !== 'UNION' || node.setop_all !== true)
      throw refuse('puts rows together by other than UNION ALL')
    const [left, right] = [node.left, node.right] as ParseNode[]
    return [...expressions, ...readNode(left, known, refuse), ...readNode(right, known, refuse)]
  }
  if (node.type !== 'SELECT_NODE') throw refuse('must be a SELECT')
  if (
    !isEmpty(node.group_expressions) ||
    node.aggregate_handling !== 'STANDARD_HANDLING' ||
    node.having !== null
  )
    throw refuse('groups rows, which is what aggregations of features are for')
  if (node.sample !== null || node.qualify !== null) throw refuse('samples or qualifies rows')
  expressions.push(node.select_list, node.where_clause)
  return [...expressions, ...readTable(node.from_table as ParseNode, known, refuse)]
}

const joins = ['REGULAR', 'NATURAL', 'CROSS']

function readTable(
  table: ParseNode,
  tables: ReadonlySet<string>,
  refuse: (reason: string) => Error,
): unknown[] {
  if (table.sample !== null) throw refuse('samples rows')
  switch (table.type) {
    case 'BASE_TABLE': {
      const name = String(table.table_name)
      if (
        table.catalog_name !== '' ||
        table.schema_name !== '' ||
        table.at_clause !== null ||
        !tables.has(lower(name))
      )
        throw refuse(`reads "${name}", which is not among its datasets ${[...tables].join(', ')}`)
      return []
    }
    case 'JOIN': {
      if (!joins.includes(String(table.ref_type)))
        throw refuse(`has a ${lower(String(table.ref_type))} join, which is not allowed`)
      const sides = [table.left, table.right] as ParseNode[]
      return [table.condition, ...sides.flatMap((side) => readTable(side, tables, refuse))]
    }
    case 'SUBQUERY':
      return readNode((table.subquery as { node: ParseNode }).node, tables, refuse)
    default:
      throw refuse('reads something that is no dataset')
  }
}

/** Calls `seen` with every name that the query gives to something. */
function visitNamed(value: unknown, seen: (name: string) => void): void {
  if (Array.isArray(value)) for (const item of value) visitNamed(item, seen)
  else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'alias' && typeof inner === 'string' && inner !== '') seen(inner)
      else if ((key === 'column_name_alias' || key === 'aliases') && Array.isArray(inner))
        inner.map(String).forEach(seen)
      else visitNamed(inner, seen)
    }
  }
}

async function checkColumns(lake: Lake, input: QueryInput, refuse: (reason: string) => Error): Promise<void> {
  const { sql, tables, columns } = input
  const empty = (name: string) => emptyRelation(tables[name])
  const found = new Map<string, string>()
  try {
    for (const row of await lake.rows<{ column_name: string; column_type: string }>(
      `DESCRIBE ${given(Object.keys(tables), empty)} SELECT * FROM (${sql}\n)`,
    )) {
      found.set(row.column_name, row.column_type)
    }
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
    throw refuse(`does not fit the tables (${error.details.reason})`)
  }
  for (const [name, type] of Object.entries(columns) as [string, ColumnType][]) {
    const given = found.get(name)
    if (given === undefined)
      throw refuse(`gives no column "${name}" (it gives ${[...found.keys()].join(', ')})`)
    if (!fitsType(given, type)) throw refuse(`gives "${name}" as ${given} where ${type} is declared`)
  }
}

function lower(name: string): string {
  return name.toLowerCase()
}
