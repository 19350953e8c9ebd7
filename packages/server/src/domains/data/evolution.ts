import { type ColumnType, type DatasetDefinition, fail } from '@millrace/protocol'
import { canonicalJson } from '../../kernel/hash.ts'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import { columnsOfDataset } from '../definitions/index.ts'
import { missingForNaN, sqlType } from './column-types.ts'

/** How rows that were written under one definition become rows of another. */
export interface Evolution {
  /** Column of the new definition -> that of the old one; undefined for one that is added. */
  columns: Readonly<Record<string, string | undefined>>
}

/**
 * What has to be done to the rows of a version so that rows of a definition can be appended.
 * @returns undefined if nothing has
 * @throws `dataset.evolution_refused` naming the column, what it is and what it should be, if the definition does not
 * allow the change; `dataset.append_refused` if columns have the same names and another meaning
 */
export function planEvolution(
  made: DatasetDefinition,
  definition: DatasetDefinition,
  version: string,
): Evolution | undefined {
  const { name: dataset, evolve = [], renamedFrom = {} } = definition
  const [before, after] = [columnsOfDataset(made), columnsOfDataset(definition)]
  const refuse = (column: string, found: string, expected: string, advice: string) =>
    fail('dataset.evolution_refused', { dataset, version, column, found, expected, advice })
  const columns: Record<string, string | undefined> = {}
  for (const [column, expected] of Object.entries(after)) {
    const old = Object.hasOwn(before, column) ? column : own(renamedFrom, column)
    const found = old === undefined ? undefined : own(before, old)
    if (old === undefined || found === undefined) {
      if (!evolve.includes('add'))
        throw refuse(
          column,
          'no such column',
          expected,
          "allow it with evolve: ['add'], or declare renamedFrom",
        )
      columns[column] = undefined
      continue
    }
    if (found !== expected && !(isWider(found, expected) && evolve.includes('widen'))) {
      const advice = isWider(found, expected) ? "allow it with evolve: ['widen']" : 'give it another name'
      throw refuse(column, found, expected, advice)
    }
    columns[column] = old
  }
  const kept = Object.values(columns).filter((old) => old !== undefined)
  const twice = kept.find((old, i) => kept.indexOf(old) !== i)
  if (twice !== undefined)
    throw refuse(twice, before[twice], 'one column', 'only one column can have its values')
  const gone = Object.keys(before).find((column) => !kept.includes(column))
  if (gone !== undefined)
    throw refuse(gone, before[gone], 'no such column', 'keep it, or start over with the mode "replace"')
  const changed = changedMeaning(made, definition, columns)
  if (changed) throw fail('dataset.append_refused', { dataset, version, changed })
  const isSame =
    canonicalJson(before) === canonicalJson(after) &&
    canonicalJson(Object.keys(before)) === canonicalJson(Object.keys(after))
  return isSame ? undefined : { columns }
}

function isWider(from: ColumnType, to: ColumnType): boolean {
  return from === 'int64' && to === 'float64'
}

function changedMeaning(
  made: DatasetDefinition,
  definition: DatasetDefinition,
  columns: Evolution['columns'],
): string | undefined {
  if (columns[definition.timestamp] !== made.timestamp) return 'its timestamp'
  for (const [column, old] of Object.entries(columns)) {
    if (old === undefined) continue
    const [then, now] = [made.derived[old]?.sql, definition.derived[column]?.sql]
    if (then !== now) return 'a derived column'
    const [mask, maskNow] = [made.pii?.[old]?.mask ?? 'keep', definition.pii?.[column]?.mask ?? 'keep']
    if (mask !== maskNow) return 'the mask of a column'
  }
  return undefined
}

/** The rows of a part under the new definition, in their order; added derived columns are computed, others are NULL. */
export function evolvedQuery(definition: DatasetDefinition, { columns }: Evolution, path: string): string {
  const all = columnsOfDataset(definition)
  const sources = new Map(Object.entries(columns))
  /** Whether it comes out of the part, or is NULL; the others are computed of these. */
  const isRead = (column: string) =>
    sources.get(column) !== undefined || Object.hasOwn(definition.schema, column)
  const known = Object.entries(all)
    .filter(([column]) => isRead(column))
    .map(([column, type]) => {
      const old = sources.get(column)
      const value = `CAST(${old === undefined ? 'NULL' : quoteName(old)} AS ${sqlType(type)})`
      return `${value} AS ${quoteName(column)}`
    })
  const list = Object.entries(all).map(([column, type]) => {
    const name = quoteName(column)
    if (isRead(column)) return name
    const value = `CAST((${definition.derived[column].sql}\n) AS ${sqlType(type)})`
    return `${type === 'float64' ? missingForNaN(value) : value} AS ${name}`
  })
  return `SELECT ${list.join(', ')} FROM (SELECT ${known.join(', ')} FROM read_parquet(${quoteText(path)}))`
}

/** Columns may have the names of what every object has, such as `constructor`. */
function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
