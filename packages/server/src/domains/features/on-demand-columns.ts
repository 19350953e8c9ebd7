import type { ColumnType, Schema } from '@millrace/protocol'
import type { LakeColumn, LakeColumns } from '../../ports/lake.ts'
import type { FeatureValue, OnDemandRunner } from './on-demand.ts'
import { compileRanges } from './range.ts'
import type { RangeCounts } from './range-counts.ts'

/** Rows between two turns of the event loop. */
const burst = 50_000

/**
 * Runs on-demand views over whole columns, in their order: a view may use what an earlier one gave. Returns the new
 * columns, in their ranges. Rows whose inputs equal those of the row before are not computed again: the functions are pure.
 * @throws `feature.compute_failed`, `feature.outside_range`
 */
export async function computeColumns(
  runners: readonly OnDemandRunner[],
  input: { given: LakeColumns; types: Schema; counts: RangeCounts; signal?: AbortSignal },
): Promise<LakeColumns> {
  const { rows } = input.given
  const known = new Map(input.given.columns.map((column) => [column.name, column]))
  const made: LakeColumn[] = []
  for (const runner of runners) {
    const readers = runner.inputs.map((name) => readerOf(known.get(name), name, input.types[name]))
    const writers = runner.outputs.map((name) => writerOf(name, input.types[name], rows))
    const checks = compileRanges({ ...runner, features: runner.outputs }, input.counts)
    let before: FeatureValue[] | undefined
    let outputs: FeatureValue[] = []
    for (let row = 0; row < rows; row++) {
      const values = readers.map((read) => read(row))
      if (!before || values.some((value, i) => value !== before?.[i])) {
        outputs = runner.compute(values, row)
        before = values
      }
      for (let i = 0; i < writers.length; i++) {
        const check = checks?.[i]
        const isInside = check === undefined || check.contains(outputs[i])
        writers[i].set(row, isInside ? outputs[i] : check.replace(outputs[i], row))
      }
      if (row % burst === burst - 1) {
        input.signal?.throwIfAborted()
        await new Promise(setImmediate)
      }
    }
    for (const { column } of writers) {
      known.set(column.name, column)
      made.push(column)
    }
  }
  return { rows, columns: made }
}

function readerOf(
  column: LakeColumn | undefined,
  name: string,
  type: ColumnType,
): (row: number) => FeatureValue {
  if (!column) throw new TypeError(`There is no column "${name}" for an on-demand view`)
  if (column.kind === 'string') {
    const { codes, dictionary } = column
    return (row) => (codes[row] < 0 ? null : dictionary[codes[row]])
  }
  const { values } = column
  if (type === 'boolean') return (row) => (Number.isNaN(values[row]) ? null : values[row] !== 0)
  return (row) => (Number.isNaN(values[row]) ? null : values[row])
}

/** A column of so many rows, and what sets each of them. */
export function writerOf(
  name: string,
  type: ColumnType,
  rows: number,
): { column: LakeColumn; set(row: number, value: FeatureValue): void } {
  if (type === 'string') {
    const codes = new Int32Array(rows)
    const dictionary: string[] = []
    const codeOf = new Map<FeatureValue, number>([[null, -1]])
    const set = (row: number, value: FeatureValue) => {
      let code = codeOf.get(value)
      if (code === undefined) {
        code = dictionary.push(value as string) - 1
        codeOf.set(value, code)
      }
      codes[row] = code
    }
    return { column: { name, kind: 'string', codes, dictionary }, set }
  }
  const values = new Float64Array(rows)
  const kind = type === 'boolean' || type === 'timestamp' ? type : 'number'
  return {
    column: { name, kind, values },
    set: (row, value) => {
      values[row] = value === null ? Number.NaN : Number(value)
    },
  }
}
