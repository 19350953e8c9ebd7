import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { fail } from '@millrace/protocol'
import { contentOf, createdVersion, isEarlierRow, isGreaterRow, unpackRow } from '../../ports/online-row.ts'
import type { OnlineRow, OnlineStore, OnlineValue, WriteOptions } from '../../ports/online-store.ts'

/** A step of removing is one transaction and runs on the event loop. */
const rowsPerStep = 2000
/** To call a statement costs about what it does for one row. */
const rowsPerStatement = 16
type Ties = NonNullable<WriteOptions['ties']>
const conditions: Record<Ties, string> = {
  // Most tables have no times of creation: the first byte tells, without a call out of SQLite.
  replace: `excluded.event_time > event_time OR (excluded.event_time = event_time AND NOT
    (substr(excluded.content, 1, 1) = x'0${createdVersion}' AND is_earlier_row(excluded.content, content)))`,
  greatest: `excluded.event_time > event_time
    OR (excluded.event_time = event_time AND is_greater_row(excluded.content, content))`,
}
const cacheKiB = 64 * 1024
/** Pages of 4 KiB. Many rows change a page again and again: the longer the log, the less often it is copied. */
const checkpointPages = 8000
/** The file is read as memory up to here; beyond, page by page. */
const mappedBytes = 4 * 1024 ** 3

/**
 * The online store in one SQLite file (WAL) of its own, so feature writes never wait for metadata writes. Reads are
 * a primary-key lookup in this process, a few microseconds a key.
 */
export function createSqliteOnlineStore(options: { path: string }): OnlineStore {
  const db = translate(() => {
    const opened = new DatabaseSync(options.path, { timeout: 5000 })
    // Rows beside the index: it stays small, so that a lookup goes through few pages, however many features there are.
    opened.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = ${-cacheKiB}; PRAGMA wal_autocheckpoint = ${checkpointPages};
      PRAGMA mmap_size = ${mappedBytes};
      CREATE TABLE IF NOT EXISTS online_rows (
        view TEXT NOT NULL, key TEXT NOT NULL, event_time REAL NOT NULL, content BLOB NOT NULL,
        UNIQUE (view, key))`)
    return opened
  })
  const find = db.prepare('SELECT event_time, content FROM online_rows WHERE view = ? AND key = ?')
  db.function('is_greater_row', { deterministic: true }, (row, other) =>
    Number(isGreaterRow(row as Uint8Array, other as Uint8Array)),
  )
  db.function('is_earlier_row', { deterministic: true }, (row, other) =>
    Number(isEarlierRow(row as Uint8Array, other as Uint8Array)),
  )
  /** A statement of `rows` rows, where `condition` says which row replaces one that is there. */
  const prepareUpsert = (rows: number, condition: string) =>
    db.prepare(
      `INSERT INTO online_rows (view, key, event_time, content)
       VALUES ${new Array(rows).fill('(?, ?, ?, ?)').join(', ')}
       ON CONFLICT (view, key) DO UPDATE SET event_time = excluded.event_time, content = excluded.content
       WHERE ${condition}`,
    )
  const upserts = Object.fromEntries(
    Object.entries(conditions).map(([ties, condition]) => [
      ties,
      { one: prepareUpsert(1, condition), some: prepareUpsert(rowsPerStatement, condition) },
    ]),
  ) as Record<Ties, Record<'one' | 'some', StatementSync>>
  const countKeys = db.prepare('SELECT count(*) AS keys FROM online_rows WHERE view = ?')
  const begin = db.prepare('BEGIN')
  const end = db.prepare('COMMIT')
  const findStep = db.prepare(
    `SELECT max(key) AS last FROM
     (SELECT key FROM online_rows WHERE view = ? AND key > ? ORDER BY key LIMIT ${rowsPerStep})`,
  )
  const removeStep = db.prepare(
    'DELETE FROM online_rows WHERE view = ? AND key > ? AND key <= ? AND event_time < ?',
  )
  const removeFirst = db.prepare("DELETE FROM online_rows WHERE view = ? AND key = '' AND event_time < ?")

  function findRow(table: string, key: string): OnlineValue | undefined {
    const row = find.get(table, key)
    return row && { eventTime: row.event_time as number, values: unpackRow(row.content as Uint8Array) }
  }

  async function removeOlder(table: string, time: number): Promise<number> {
    // The empty key is before all others, and so not after any.
    let removed = translate(() => Number(removeFirst.run(table, time).changes))
    for (let after = ''; ; ) {
      const last = translate(() => findStep.get(table, after)?.last as string | null)
      if (last === null) return removed
      removed += translate(() => Number(removeStep.run(table, after, last, time).changes))
      after = last
      await new Promise(setImmediate)
    }
  }

  return {
    async write(table, rows, { ties = 'replace' } = {}) {
      const { one, some } = upserts[ties]
      return translate(() => {
        let taken = 0
        db.exec('BEGIN IMMEDIATE')
        try {
          const alone = rows.length % rowsPerStatement
          for (const row of rows.slice(0, alone)) taken += Number(one.run(...valuesOf(table, row)).changes)
          for (let next = alone; next < rows.length; next += rowsPerStatement) {
            const values = rows.slice(next, next + rowsPerStatement).flatMap((row) => valuesOf(table, row))
            taken += Number(some.run(...values).changes)
          }
          db.exec('COMMIT')
        } catch (error) {
          db.exec('ROLLBACK')
          throw error
        }
        return taken
      })
    },
    async read(lookups) {
      return translate(() => {
        if (lookups.length === 1 && lookups[0].keys.length === 1)
          return [lookups[0].keys.map((key) => findRow(lookups[0].table, key))]
        // As one transaction the lock is taken once, not for each key.
        begin.run()
        try {
          return lookups.map(({ table, keys }) => keys.map((key) => findRow(table, key)))
        } finally {
          end.run()
        }
      })
    },
    removeOlder,
    async count(table) {
      return translate(() => Number(countKeys.get(table)?.keys))
    },
    async drop(table) {
      await removeOlder(table, Number.POSITIVE_INFINITY)
    },
    async close() {
      if (db.isOpen) db.close()
    },
  }
}

function valuesOf(table: string, row: OnlineRow): SQLInputValue[] {
  return [table, row.key, row.eventTime, contentOf(row)]
}

function translate<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string }
    if (errcode === undefined) throw error
    // The low byte is SQLite's primary result code; 13 is SQLITE_FULL.
    if ((errcode & 0xff) === 13) throw fail('storage.full', { what: 'online features' }, error)
    throw fail('storage.unavailable', { reason: `online store: ${message}` }, error)
  }
}
