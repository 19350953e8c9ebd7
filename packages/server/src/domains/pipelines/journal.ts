import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Database } from '../../ports/database.ts'
import type { TaskProgress } from '../../ports/executor.ts'
import type { RunLogLine } from './run.ts'
import type { Db, PipelineTables } from './store.ts'

/** One start of one node. */
export interface AttemptKey {
  run: string
  node: string
  attempt: number
}

/**
 * Stores what steps say. Callers never wait: lines gather while a write is under way and go together with the next
 * one; of progress only the newest is written.
 */
export interface Journal {
  log(key: AttemptKey, line: string): void
  progress(key: AttemptKey, progress: TaskProgress): void
  /** Resolves when all that was said before is stored. */
  flush(): Promise<void>
}

const batchLines = 150

export function createJournal(deps: { db: Database; clock: Clock; logger: Logger }): Journal {
  let lines: Omit<PipelineTables['pipeline_logs'], 'log_offset'>[] = []
  let progress = new Map<string, { key: AttemptKey; json: string }>()
  let writing: Promise<void> | undefined

  async function write() {
    while (lines.length > 0 || progress.size > 0) {
      const batch = lines.slice(0, batchLines)
      lines = lines.slice(batchLines)
      const latest = [...progress.values()]
      progress = new Map()
      try {
        await deps.db.transaction<PipelineTables, void>(async (trx) => {
          await insertLines(trx, batch)
          for (const { key, json } of latest) await storeProgress(trx, key, json)
        })
      } catch (error) {
        deps.logger.error({ err: error, lines: batch.length }, 'output of steps could not be stored')
      }
    }
  }
  function kick() {
    writing ??= write().finally(() => {
      writing = undefined
    })
  }

  return {
    log(key, line) {
      lines.push({ run_id: key.run, node: key.node, attempt: key.attempt, at: deps.clock.now(), line })
      kick()
    },
    progress(key, value) {
      progress.set(`${key.run}/${key.node}`, { key, json: JSON.stringify(value) })
      kick()
    },
    async flush() {
      while (writing) await writing
    },
  }
}

async function insertLines(db: Db, lines: Omit<PipelineTables['pipeline_logs'], 'log_offset'>[]) {
  const offsets = new Map<string, number>()
  const rows: PipelineTables['pipeline_logs'][] = []
  for (const line of lines) {
    const last = offsets.get(line.run_id) ?? (await lastOffset(db, line.run_id))
    offsets.set(line.run_id, last + 1)
    rows.push({ ...line, log_offset: last + 1 })
  }
  if (rows.length > 0) await db.insertInto('pipeline_logs').values(rows).execute()
}

async function storeProgress(db: Db, key: AttemptKey, json: string) {
  await db
    .updateTable('pipeline_steps')
    .set({ progress: json })
    .where('run_id', '=', key.run)
    .where('node', '=', key.node)
    .where('attempt', '=', key.attempt)
    .execute()
}

async function lastOffset(db: Db, run: string): Promise<number> {
  const row = await db
    .selectFrom('pipeline_logs')
    .select('log_offset')
    .where('run_id', '=', run)
    .orderBy('log_offset', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.log_offset ?? 0
}

/** Lines of a run after an offset, in order. */
export async function readLines(
  db: Db,
  run: string,
  page: { after: number; limit: number },
): Promise<RunLogLine[]> {
  const rows = await db
    .selectFrom('pipeline_logs')
    .selectAll()
    .where('run_id', '=', run)
    .where('log_offset', '>', page.after)
    .orderBy('log_offset')
    .limit(page.limit)
    .execute()
  return rows.map(({ log_offset, node, attempt, at, line }) => ({
    offset: log_offset,
    node,
    attempt,
    at,
    line,
  }))
}
