import { fail, isPlatformError } from '@millrace/protocol'
import { Client } from 'pg'
import { quoteName } from '../../kernel/sql.ts'
import type { QueryBatch, QueryColumnType, QueryInput, QuerySource } from '../../ports/query-source.ts'

const batchRows = 5000
const connectTimeoutMs = 10_000

/** Types by their number in `pg_type`, which is the same in every database. */
const types: Record<number, QueryColumnType> = {
  16: 'boolean',
  20: 'integer',
  21: 'integer',
  23: 'integer',
  700: 'number',
  701: 'number',
  1700: 'number',
  1082: 'time',
  1114: 'time',
  1184: 'time',
  18: 'text',
  19: 'text',
  25: 'text',
  1042: 'text',
  1043: 'text',
  2950: 'text',
}

/** Queries on PostgreSQL, read through a cursor. */
export function createPostgresQuerySource(): QuerySource {
  return { read: readRows }
}

async function* readRows(
  { url, query, from }: QueryInput,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<QueryBatch> {
  signal?.throwIfAborted()
  const client = clientFor(url)
  // A connection that breaks emits this besides failing its statements; without a listener it ends the process.
  client.on('error', () => undefined)
  const stop = () => void client.end().catch(() => undefined)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await client.connect()
    // Extended protocol: the text is one statement or refused.
    const one = (text: string) => client.query({ text, queryMode: 'extended', rowMode: 'array' } as never)
    await one('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await one(`SET LOCAL TimeZone = 'UTC'`)
    await one(`SET LOCAL DateStyle = 'ISO, YMD'`)
    await one('SET LOCAL extra_float_digits = 1')
    await one(`DECLARE millrace_rows NO SCROLL CURSOR FOR ${limited(query, from)}`)
    for (;;) {
      const result = (await one(`FETCH ${batchRows} FROM millrace_rows`)) as {
        fields: { name: string; dataTypeID: number }[]
        rows: (string | null)[][]
      }
      const columns = result.fields.map(({ name, dataTypeID }) => ({
        name,
        type: types[dataTypeID] ?? ('other' as const),
      }))
      const flags = columns.map(({ type }) => type === 'boolean')
      const rows = flags.includes(true)
        ? result.rows.map((row) => row.map((value, i) => (flags[i] ? flagText(value) : value)))
        : result.rows
      yield { columns, rows }
      if (result.rows.length < batchRows) return
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw isPlatformError(error) ? error : fail('query.failed', { reason: reasonOf(error) }, error)
  } finally {
    signal?.removeEventListener('abort', stop)
    await client.end().catch(() => undefined)
  }
}

function clientFor(url: string): Client {
  try {
    return new Client({
      connectionString: url,
      connectionTimeoutMillis: connectTimeoutMs,
      application_name: 'millrace',
      // As the database writes them: numbers of JavaScript would lose digits.
      types: { getTypeParser: () => (value: string) => value } as never,
    })
  } catch (error) {
    throw fail('query.failed', { reason: 'the secret is no postgres:// URL' }, error)
  }
}

function limited(query: string, from: QueryInput['from']): string {
  const text = query.replace(/;\s*$/, '')
  if (!from) return text
  const value = from.isTime
    ? `timestamptz 'epoch' + ${from.value} * interval '1 millisecond'`
    : String(from.value)
  const column = quoteName(from.column)
  return `SELECT * FROM (${text}\n) AS source WHERE ${column} >= ${value} OR ${column} IS NULL`
}

function flagText(value: string | null): string | null {
  return value === null ? null : String(value === 't')
}

function reasonOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] }
  return message || errors?.[0]?.message || code || String(error)
}
