import { type ColumnType, fail, type Schema } from '@millrace/protocol'
import { psi } from '@millrace/stats'
import { quoteName } from '../../kernel/sql.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { emptyRelation } from './column-types.ts'
import { openParts, type Part, partsRelation } from './part.ts'
import type { DataService } from './service.ts'

export interface VersionDiffInput {
  dataset: string
  /** Versions by their ids, the beginnings of them, tags, or `latest`. */
  from: string
  to: string
  /** Columns that name a row; without them rows are compared as a whole. */
  key?: readonly string[]
}

export interface VersionDiff {
  dataset: string
  from: string
  to: string
  schema: {
    added: { column: string; type: ColumnType }[]
    removed: { column: string; type: ColumnType }[]
    changed: { column: string; from: ColumnType; to: ColumnType }[]
  }
  rows: {
    from: number
    to: number
    added: number
    removed: number
    /** Rows with the same key and other values in columns that both have; absent without a key. */
    changed?: number
  }
  /** Columns that both have with the same type. */
  columns: ColumnShift[]
}

export interface ColumnShift {
  column: string
  nulls: { from: number; to: number }
  /** Population stability index: below 0.1 little, above 0.25 much has changed. */
  psi: number
}

const quantiles = 10
const topValues = 20

/**
 * What differs between two versions: columns, rows, and how values are distributed. Parts that both versions have are the
 * same rows, and are left out where rows are compared.
 * @throws `dataset.version_not_found`, `dataset.diff_refused` where a key is no column of both or names several rows
 */
export async function diffVersions(
  deps: { data: DataService; lake: Lake; content: Pick<ContentStore, 'openLocal'> },
  { dataset, from, to, key = [] }: VersionDiffInput,
  options: LakeOptions = {},
): Promise<VersionDiff> {
  const [before, after] = await Promise.all(
    [from, to].map((version) => openVersion(deps, { dataset, version })),
  )
  const schema = compareSchemas(before.version.schema, after.version.schema)
  const shared = Object.entries(before.version.schema).filter(
    ([column, type]) => after.version.schema[column] === type,
  )
  for (const column of key) {
    if (shared.some(([name]) => name === column)) continue
    throw fail('dataset.diff_refused', {
      dataset,
      reason: `"${column}" is no column of the same type in both`,
    })
  }
  if (key.length > 0) await checkUnique(deps.lake, dataset, [before, after], key, options)
  const common = new Set(before.parts.map(({ digest }) => digest))
  const kept = new Set(after.parts.map(({ digest }) => digest).filter((digest) => common.has(digest)))
  const names = shared.map(([name]) => name)
  const [a, b] = [before.relation(kept), after.relation(kept)]
  const changes =
    key.length > 0
      ? await keyedChanges(deps.lake, { a, b, key, names }, options)
      : await wholeChanges(deps.lake, { a, b, names }, options)
  const columns: ColumnShift[] = []
  for (const [column, type] of shared) {
    const relations = { from: before.relation(), to: after.relation() }
    columns.push(await shiftOf(deps.lake, { column, type, ...relations }, options))
  }
  const rows = { from: before.version.rows, to: after.version.rows, ...changes }
  return { dataset, from: before.version.version, to: after.version.version, schema, rows, columns }
}

async function openVersion(
  { data, content }: Parameters<typeof diffVersions>[0],
  { dataset, version: asked }: { dataset: string; version: string },
) {
  const version = await data.resolveVersion({ dataset, version: asked })
  const parts: Part[] = []
  let pageToken: string | undefined
  do {
    const page = await data.listParts({ dataset, version: version.version }, { limit: 1000, pageToken })
    parts.push(...page.items)
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  const paths = await openParts(content, parts)
  const files = parts.map(({ digest, rows }, i) => ({ digest, rows, path: paths[i] }))
  return {
    version,
    parts,
    /** Without the parts in `without`. */
    relation(without: ReadonlySet<string> = new Set()): string {
      const these = files.filter(({ digest }) => !without.has(digest))
      return these.length === 0 ? emptyRelation(version.schema) : partsRelation(these)
    },
  }
}

function compareSchemas(from: Schema, to: Schema): VersionDiff['schema'] {
  const only = (these: Schema, those: Schema) =>
    Object.entries(these)
      .filter(([column]) => those[column] === undefined)
      .map(([column, type]) => ({ column, type }))
  const changed = Object.entries(from)
    .filter(([column, type]) => to[column] !== undefined && to[column] !== type)
    .map(([column, type]) => ({ column, from: type, to: to[column] }))
  return { added: only(to, from), removed: only(from, to), changed }
}

async function checkUnique(
  lake: Lake,
  dataset: string,
  versions: readonly Awaited<ReturnType<typeof openVersion>>[],
  key: readonly string[],
  options: LakeOptions,
): Promise<void> {
  const columns = key.map(quoteName).join(', ')
  for (const { version, relation } of versions) {
    const [{ twice }] = await lake.rows<{ twice: number }>(
      `SELECT count(*) AS twice FROM (SELECT 1 FROM ${relation()} GROUP BY ${columns} HAVING count(*) > 1)`,
      options,
    )
    if (twice === 0) continue
    const reason = `${twice} values of the key (${key.join(', ')}) name several rows of version ${version.version}`
    throw fail('dataset.diff_refused', { dataset, reason })
  }
}

async function keyedChanges(
  lake: Lake,
  { a, b, key, names }: { a: string; b: string; key: readonly string[]; names: readonly string[] },
  options: LakeOptions,
) {
  const same = key.map((name) => `a.${quoteName(name)} IS NOT DISTINCT FROM b.${quoteName(name)}`)
  const differs = names
    .filter((name) => !key.includes(name))
    .map((name) => `a.${quoteName(name)} IS DISTINCT FROM b.${quoteName(name)}`)
  const [counts] = await lake.rows<{ added: number; removed: number; changed: number }>(
    `SELECT count(*) FILTER (a.here$ IS NULL) AS added, count(*) FILTER (b.here$ IS NULL) AS removed,
       count(*) FILTER (a.here$ AND b.here$ AND (${differs.join(' OR ') || 'false'})) AS changed
     FROM (SELECT *, true AS here$ FROM ${a}) a FULL JOIN (SELECT *, true AS here$ FROM ${b}) b ON ${same.join(' AND ')}`,
    options,
  )
  return { added: counts.added, removed: counts.removed, changed: counts.changed }
}

async function wholeChanges(
  lake: Lake,
  { a, b, names }: { a: string; b: string; names: readonly string[] },
  options: LakeOptions,
) {
  const columns = names.map(quoteName).join(', ')
  const count = async (these: string, those: string) => {
    const [{ rows }] = await lake.rows<{ rows: number }>(
      `SELECT count(*) AS rows FROM (SELECT ${columns} FROM ${these} EXCEPT ALL SELECT ${columns} FROM ${those})`,
      options,
    )
    return rows
  }
  return { added: await count(b, a), removed: await count(a, b) }
}

/** How far the values of a column have moved: counts of quantiles or frequent values of the older version, and of nulls. */
async function shiftOf(
  lake: Lake,
  { column, type, from, to }: { column: string; type: ColumnType; from: string; to: string },
  options: LakeOptions,
): Promise<ColumnShift> {
  const name = quoteName(column)
  const isNumber = type === 'int64' || type === 'float64' || type === 'timestamp'
  const value =
    type === 'timestamp' ? `epoch_ms(${name})::DOUBLE` : `${name}::${isNumber ? 'DOUBLE' : 'VARCHAR'}`
  const steps = Array.from({ length: quantiles - 1 }, (_, i) => (i + 1) / quantiles)
  const edges = isNumber
    ? `(SELECT list_distinct(quantile_disc(v, [${steps.join(', ')}])) FROM (SELECT ${value} AS v FROM ${from}))`
    : `(SELECT list(v) FROM (SELECT ${value} AS v FROM ${from} WHERE ${name} IS NOT NULL GROUP BY v ORDER BY count(*) DESC, v LIMIT ${topValues}))`
  const cell = isNumber ? 'len(list_filter(e, x -> v > x))' : 'coalesce(list_position(e, v), 0)'
  const counts = async (relation: string) => {
    const rows = await lake.rows<{ cell: number; rows: number }>(
      `WITH edges AS (SELECT ${edges} AS e)
       SELECT CASE WHEN v IS NULL THEN -1 ELSE ${cell} END AS cell, count(*) AS rows
       FROM (SELECT ${value} AS v FROM ${relation}), edges GROUP BY cell ORDER BY cell`,
      options,
    )
    return new Map(rows.map((row) => [row.cell, row.rows]))
  }
  const [before, after] = [await counts(from), await counts(to)]
  const cells = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b)
  const list = (found: Map<number, number>) => cells.map((one) => found.get(one) ?? 0)
  return {
    column,
    nulls: { from: before.get(-1) ?? 0, to: after.get(-1) ?? 0 },
    psi: psi(list(before), list(after)),
  }
}
