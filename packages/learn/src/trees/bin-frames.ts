import type { Column, Frame } from '../frame.ts'
import type { Team } from '../team.ts'
import type { BinnedTable } from './binned-table.ts'
import { type BinnedColumn, type BinningWork, rowsPerBlock, rowsPerPiece } from './binning.ts'
import { isShared } from './edge-work.ts'
import type { Arena } from './kernels/arena.ts'

/** Copies the column into memory that threads share. */
const stageColumn = (column: Column, stage: SharedArrayBuffer): Column => {
  const put = <T extends Float32Array | Int32Array | Int8Array>(to: T, from: T): T => {
    to.set(from)
    return to
  }
  switch (column.kind) {
    case 'numeric':
      return { ...column, values: put(new Float32Array(stage, 0, column.values.length), column.values) }
    case 'categorical':
      return { ...column, codes: put(new Int32Array(stage, 0, column.codes.length), column.codes) }
    case 'boolean':
      return { ...column, values: put(new Int8Array(stage, 0, column.values.length), column.values) }
    case 'timestamp':
      throw new TypeError('times have no bins')
  }
}

/**
 * Writes the bins of the rows of the frames, one frame after the other, into the table. Columns that all threads see
 * are binned where they lie; others one by one, so that no more than one column is copied at a time.
 */
export const binFrames = (
  frames: readonly Frame[],
  table: BinnedTable,
  { arena, team }: { readonly arena: Arena; readonly team: Team },
): void => {
  const edges = arena.take(table.features.length * 1024)
  const values = arena.take(team.size * rowsPerBlock * 4)
  table.features.forEach((feature, index) => {
    if (feature.edges === undefined) return
    new Float32Array(arena.memory.buffer, edges + index * 1024, 256).fill(Infinity).set(feature.edges)
  })
  const bin = (columns: readonly BinnedColumn[]): void => {
    const work: BinningWork = { memory: arena.memory, table, columns, values, edges }
    team.start('binning', work).run(0, Math.ceil(table.rows / rowsPerPiece))
  }
  const columns = Object.keys(frames[0].columns).map((name, feature) => ({
    feature,
    parts: frames.map((frame) => frame.columns[name]),
  }))
  const isSeen = ({ parts }: BinnedColumn): boolean => team.size === 1 || parts.every(isShared)
  bin(columns.filter(isSeen))
  const hidden = columns.filter((column) => !isSeen(column))
  const stages = hidden.length === 0 ? [] : frames.map(({ rows }) => new SharedArrayBuffer(rows * 4))
  for (const { feature, parts } of hidden)
    bin([{ feature, parts: parts.map((part, index) => stageColumn(part, stages[index])) }])
}
