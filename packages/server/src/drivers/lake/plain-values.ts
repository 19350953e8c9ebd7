import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api'

const dayMs = 86_400_000

/** The engine's values as JSON-like ones: times as milliseconds, 64-bit integers and decimals as numbers. */
export function toPlain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? Number(value) : value
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return Number(value.micros) / 1000
  }
  if (value instanceof DuckDBDateValue) return value.days * dayMs
  if (value instanceof DuckDBDecimalValue) return value.toDouble()
  if (value instanceof DuckDBListValue) return value.items.map(toPlain)
  if (value instanceof DuckDBStructValue) return plainEntries(value.entries)
  if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
    return plainEntries(value)
  }
  return String(value)
}

function plainEntries(entries: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).map(([name, inner]) => [name, toPlain(inner)]))
}
