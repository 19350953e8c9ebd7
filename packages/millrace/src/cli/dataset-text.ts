import type {
  ColumnStatistics,
  DatasetLogEntry,
  DatasetVersion,
  DatasetVersionUse,
  IngestCause,
  Validation,
  VersionDiff,
} from '@millrace/client'
import { formatBytes, formatTable, formatTime } from './format.ts'

/** Versions of a dataset, as a table. */
export function datasetLogText(
  entries: readonly (DatasetLogEntry & { uses: readonly DatasetVersionUse[] })[],
): string {
  const rows = entries.map(({ uses, ...entry }) => [
    entry.version,
    formatTime(entry.createdAt),
    String(entry.rows),
    formatBytes(entry.bytes),
    formatBytes(entry.newBytes),
    `${entry.mode} of ${originText(entry.source, entry.cause)}`,
    entry.tags.join(', '),
    countsText(uses),
  ])
  return formatTable(['version', 'made', 'rows', 'bytes', 'new', 'how', 'tags', 'named by'], rows)
}

const plurals = {
  'training-set': 'training sets',
  run: 'runs',
  'model-version': 'model versions',
  'pipeline-run': 'pipeline runs',
  work: 'work under way',
} as const

function originText(path: string, cause: IngestCause | undefined): string {
  if (cause === 'upload') return `the upload ${path}`
  if (cause === 'push') return 'rows that were pushed'
  return cause === 'events' ? 'events' : path
}

/** Who names a version, tags and `latest` apart: `2 training sets, 1 runs`. */
function countsText(uses: readonly DatasetVersionUse[]): string {
  return Object.entries(plurals)
    .map(([kind, many]) => ({ many, count: uses.filter((use) => use.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ many, count }) => `${count} ${many}`)
    .join(', ')
}

/** One version: where it is from, what is in its columns, who names it. */
export function datasetVersionText(
  version: DatasetVersion,
  { uses, validation }: { uses: readonly DatasetVersionUse[]; validation: Validation },
): string {
  const { dataset, rows, bytes, partCount, base, source, createdAt, schema, statistics } = version
  const { successful_expectations: met, evaluated_expectations: all } = validation.result.statistics
  const names = uses.map(({ kind, name }) =>
    kind === 'latest' || kind === 'work' ? name : `${kind} ${name}`,
  )
  const columns = Object.entries(schema).map(([name, type]) => [name, type, ...columnText(statistics[name])])
  return `${dataset}@${version.version}
${rows} rows, ${formatBytes(bytes)} in ${partCount} ${partCount === 1 ? 'part' : 'parts'}, made ${formatTime(createdAt)}
${base === undefined ? 'read' : `appended to ${base}`} from ${originText(source.path, source.cause)} (${formatBytes(source.bytes)}, ${source.digest.slice(0, 12)})
${met} of ${all} expectations met (${validation.id})
${names.length === 0 ? 'named by nothing' : `named by ${names.join(', ')}`}
${formatTable(['column', 'type', 'nulls', 'distinct', 'least', 'greatest', 'mean'], columns)}`
}

function columnText(found: ColumnStatistics | undefined): string[] {
  if (!found) return []
  const text = (value: number | string | boolean | undefined) => {
    if (value === undefined) return ''
    if (found.type === 'timestamp' && typeof value === 'number') return formatTime(value)
    return typeof value === 'number' ? String(Number(value.toPrecision(8))) : String(value).slice(0, 30)
  }
  return [
    String(found.nulls),
    distinctText(found.distinct),
    text(found.min),
    text(found.max),
    found.type === 'timestamp' ? '' : text(found.mean),
  ]
}

/** What differs between two versions. */
export function datasetDiffText({ dataset, from, to, schema, rows, columns }: VersionDiff): string {
  const changes = [
    ...schema.added.map(({ column, type }) => `+ ${column} ${type}`),
    ...schema.removed.map(({ column, type }) => `- ${column} ${type}`),
    ...schema.changed.map((one) => `~ ${one.column} ${one.from} → ${one.to}`),
  ]
  const changed = rows.changed === undefined ? '' : `, ${rows.changed} changed`
  const moved = columns.map(({ column, psi, nulls }) => [
    column,
    psi.toFixed(4),
    `${nulls.from} → ${nulls.to}`,
  ])
  return `${changes.map((line) => `${line}\n`).join('')}${dataset} ${from} → ${to}: ${rows.from} → ${rows.to} rows, ${rows.added} added, ${rows.removed} removed${changed}
${formatTable(['column', 'psi', 'nulls'], moved)}`
}

/** Beyond so many, distinct values are an estimate, within some percent. */
const exactlyCounted = 1023

function distinctText(count: number): string {
  return count > exactlyCounted ? `≈ ${count}` : String(count)
}
