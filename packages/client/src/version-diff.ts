import type { ColumnType } from '@millrace/protocol'
import { path, type Transport } from './transport.ts'

/** What differs between two versions of a dataset. */
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
  /** Columns that both have with the same type; `psi` is the population stability index of their values. */
  columns: { column: string; nulls: { from: number; to: number }; psi: number }[]
}

/** `key`: columns that name a row; without them rows are compared as a whole. */
export function versionDiffCall({ send }: Pick<Transport, 'send'>) {
  return (dataset: string, { key, ...query }: { from: string; to?: string; key?: readonly string[] }) =>
    send<VersionDiff>({
      method: 'GET',
      path: path`/v1/datasets/${dataset}/diff`,
      query: { ...query, key: key?.join(',') },
    })
}
