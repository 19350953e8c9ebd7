import type { ColumnType } from '@millrace/protocol'

/**
 * A cell as Feast's clients send it, in the way that rows are given here: numbers may be texts, and times are seconds
 * since the epoch or ISO text, without a zone in UTC. What is something else stays as it is, for the check of the row.
 */
export function fromFeast(value: unknown, type: ColumnType): unknown {
  if (value === undefined) return null
  if (type === 'timestamp') {
    if (typeof value === 'number') return value * 1000
    return typeof value === 'string' ? (parseTime(value) ?? value) : value
  }
  if (typeof value !== 'string') return value
  if (type === 'int64' && /^[+-]?\d+$/.test(value)) return Number(value)
  if (type === 'float64') {
    if (value === 'NaN') return null
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value)
  }
  return value
}

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/

/** Milliseconds, to the microsecond. */
export function parseTime(text: string): number | undefined {
  const [, date, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = iso.exec(text) ?? []
  if (date === undefined) return undefined
  const offset = zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const whole = Date.parse(`${date}T${minutes}:${seconds}${offset}`)
  if (Number.isNaN(whole)) return undefined
  return (whole * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))) / 1000
}

/** A time as protobuf writes it: in UTC, with as many digits after the second as it needs, in threes. */
export function formatTime(ms: number | null): string {
  const micros = Math.round((ms ?? 0) * 1000)
  const seconds = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19)
  const rest = ((micros % 1e6) + 1e6) % 1e6
  if (rest === 0) return `${seconds}Z`
  const digits = String(rest).padStart(6, '0')
  return `${seconds}.${digits.endsWith('000') ? digits.slice(0, 3) : digits}Z`
}

/**
 * A value as JSON text. Numbers of a `float64` column keep their point, for clients tell types by it; times are whole
 * seconds since the epoch.
 */
export function toJson(value: string | number | boolean | null, type: ColumnType): string {
  if (typeof value !== 'number') return JSON.stringify(value)
  if (type === 'timestamp') return String(Math.floor(value / 1000))
  if (type === 'float64' && Number.isInteger(value) && Math.abs(value) < 1e21)
    return Object.is(value, -0) ? '-0.0' : `${value}.0`
  return String(value)
}

/** Columns as rows, each cell for the type of its column. Columns that `types` does not have are not taken. */
export function toRows(
  columns: Readonly<Record<string, readonly unknown[]>>,
  types: readonly { name: string; column: string; type: ColumnType }[],
): Record<string, unknown>[] {
  const taken = types.filter(({ column }) => Object.hasOwn(columns, column))
  const length = taken.length === 0 ? 0 : columns[taken[0].column].length
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(taken.map(({ name, column, type }) => [name, fromFeast(columns[column][i], type)])),
  )
}
