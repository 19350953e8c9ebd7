import { fail } from '@millrace/protocol'
import type { Lake } from '../../../ports/lake.ts'
import { checkFunctions, type ParseNode, parseSelect } from '../expression.ts'

interface RowsQueryInput {
  sql: string
  /** Tables that the query may read. */
  tables: readonly string[]
  /** Where it was written, for the message. */
  kind: string
  name: string
  field: string
}

/** Words that are read as columns and ask for the time or for who is asking. */
const moments = [
  'current_catalog',
  'current_date',
  'current_role',
  'current_schema',
  'current_time',
  'current_timestamp',
  'current_user',
  'localtime',
  'localtimestamp',
  'session_user',
  'user',
]
const allowedNodes = ['SELECT_NODE', 'SET_OPERATION_NODE', 'CTE_NODE']
const allowedSources = ['BASE_TABLE', 'SUBQUERY', 'JOIN', 'EMPTY', 'EXPRESSION_LIST']

/**
 * Checks that a text is one query over the given tables and nothing else: no statement, no file, no table function, no
 * other table, no recursion, no function whose answer changes between calls. It is decided on the engine's own parse
 * tree.
 * @throws `definition.invalid` naming the field and the reason
 */
export async function checkRowsQuery(lake: Pick<Lake, 'rows'>, input: RowsQueryInput): Promise<void> {
  const refuse = (reason: string) =>
    fail('definition.invalid', {
      kind: input.kind,
      name: input.name,
      reason: `${input.field} ${reason} in: ${input.sql.slice(0, 200)}`,
    })
  const node = await parseSelect(lake, input.sql, refuse)
  if (!node) throw refuse('must be one query')
  const functions = new Set<string>()
  walk(node, { tables: input.tables.map((name) => name.toLowerCase()), functions, refuse })
  await checkFunctions(lake, [...functions], refuse, { aggregates: true })
}

interface Walk {
  /** In small letters: what may be read here. */
  tables: readonly string[]
  functions: Set<string>
  refuse(reason: string): Error
}

function walk(value: unknown, context: Walk): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, context)
    return
  }
  if (value === null || typeof value !== 'object') return
  const node = value as ParseNode
  const inner = withNamedQueries(node, context)
  checkNode(node, inner)
  for (const [field, child] of Object.entries(node)) if (field !== 'cte_map') walk(child, inner)
}

/** Queries of a WITH clause are tables for those after them and for the query itself. */
function withNamedQueries(node: ParseNode, context: Walk): Walk {
  const named = (node.cte_map as { map?: { key: string; value: unknown }[] } | undefined)?.map ?? []
  let tables = context.tables
  for (const { key, value } of named) {
    walk(value, { ...context, tables })
    tables = [...tables, key.toLowerCase()]
  }
  return { ...context, tables }
}

function checkNode(node: ParseNode, { tables, functions, refuse }: Walk): void {
  const { type } = node
  if (typeof node.class === 'string') {
    const { function_name: name, column_names: columns } = node
    if (node.class === 'FUNCTION' || node.class === 'WINDOW') {
      if (node.schema || node.catalog) throw refuse(`names a schema for the function ${String(name)}`)
      if (name) functions.add(name)
    }
    if (columns?.length === 1 && moments.includes(columns[0].toLowerCase()))
      throw refuse(`uses ${columns[0]}, whose answer changes`)
    return
  }
  if (typeof type !== 'string') return
  if (type.endsWith('_NODE') && !allowedNodes.includes(type)) throw refuse(`uses a ${type.toLowerCase()}`)
  // Every source of rows says which sample it takes; only queries have a list of what is selected, too.
  const isSource = 'alias' in node && 'sample' in node
  if (!isSource) return
  if (!allowedSources.includes(type))
    throw refuse(`reads from a ${type.toLowerCase().replaceAll('_', ' ')}, which is not allowed`)
  if (type !== 'BASE_TABLE') return
  const table = String(node.table_name)
  if (node.schema_name || node.catalog_name || !tables.includes(table.toLowerCase()))
    throw refuse(`reads "${table}", which is not one of ${tables.join(', ')}`)
}
