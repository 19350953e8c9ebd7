import { rename, rm } from 'node:fs/promises'
import type { Schema } from '@millrace/protocol'

export const rowsFormats = ['parquet', 'csv', 'ndjson', 'arrow'] as const
export type RowsFormat = (typeof rowsFormats)[number]

export interface RowsConverter {
  /** Makes the file `to` out of a Parquet file, which is gone then. */
  convert(from: string, to: string, table: { rows: number; schema: Schema }): Promise<void>
  close(): Promise<void>
}

const copyOptions = {
  csv: 'FORMAT csv, HEADER',
  ndjson: `FORMAT json, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'`,
}

/** @param tempDir Folder for rows that do not fit into memory */
export async function rowsConverter(format: RowsFormat, tempDir: string): Promise<RowsConverter> {
  if (format === 'parquet') {
    return {
      convert: async (from, to) => {
        if (from !== to) await rename(from, to)
      },
      close: () => Promise.resolve(),
    }
  }
  const { createDuckDbLake, writeArrowFile } = await import('@millrace/server')
  const lake = await createDuckDbLake({ tempDir, memoryLimitMb: 1024 })
  return {
    async convert(from, to, { rows, schema }) {
      if (format === 'arrow') {
        const columns = Object.entries(schema).map(([name, type]) => ({ name, type }))
        await writeArrowFile(lake, { path: from, rows, columns }, to)
      } else {
        const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
        await lake.run(`COPY (FROM read_parquet(${quote(from)})) TO ${quote(to)} (${copyOptions[format]})`)
      }
      await rm(from)
    },
    async close() {
      await lake.close()
      await rm(tempDir, { recursive: true, force: true })
    },
  }
}
