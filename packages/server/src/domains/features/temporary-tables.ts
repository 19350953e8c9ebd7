import { newId } from '../../kernel/ids.ts'
import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'

/** Tables of the lake that live as long as one computation; those of several at once have different names. */
export interface TemporaryTables {
  /** Makes a table of the query's rows; returns its name in SQL. */
  make(name: string, sql: string): Promise<string>
  drop(table: string): Promise<void>
  /** Whatever was made and is still there. */
  dropAll(): Promise<void>
}

export function createTemporaryTables(lake: Pick<Lake, 'run'>, options: LakeOptions): TemporaryTables {
  const prefix = newId('join')
  const made = new Set<string>()
  async function drop(table: string) {
    // Without the signal: also what an aborted computation leaves must go.
    await lake.run(`DROP TABLE IF EXISTS ${table}`)
    made.delete(table)
  }
  return {
    async make(name, sql) {
      const table = quoteName(`${prefix}_${name}`)
      made.add(table)
      await lake.run(`CREATE TABLE ${table} AS ${sql}`, options)
      return table
    },
    drop,
    async dropAll() {
      for (const table of made) await drop(table)
    },
  }
}
