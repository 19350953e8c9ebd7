import type { Classification, Label, Regression, Target } from '@millrace/learn'
import type { LakeColumn } from '../../ports/lake.ts'
import { createGroups } from './group-codes.ts'

/** Weight of the mean of all rows in a group's mean, in rows. */
const smoothing = 20

/** Rows by their groups, which may be none, and what happened in them. */
export interface GroupedRows {
  target: Target
  /** The columns that groups are made of, in the same order in every set of rows. */
  groups: readonly LakeColumn[]
}

export interface PredictedBaseline {
  name: string
  prediction: Classification | Regression
}

/**
 * What can be had without a model, learnt from `history` and predicted for `rows`: the rates of the classes, or the mean;
 * and, if there are columns of groups, the same by group g, smoothed: (sum(g) + m · mean) / (n(g) + m) with m = 20 rows.
 * A group that the history does not have gets the mean of all. A class that the model does not know counts as none.
 */
export function predictBaselines(
  history: GroupedRows,
  rows: GroupedRows,
  classes: readonly Label[] | undefined,
): PredictedBaseline[] {
  const outcomes = outcomesOf(history.target, classes)
  const mean = meanOf(outcomes)
  const count = rows.target.kind === 'classes' ? rows.target.codes.length : rows.target.values.length
  const name = classes ? 'class rates' : 'mean'
  const predict = (of: (row: number) => ArrayLike<number>) =>
    toPrediction(count, { classes, width: mean.length, of })
  const constant = { name, prediction: predict(() => mean) }
  if (rows.groups.length === 0) return [constant]
  const groups = createGroups(rows.groups.length)
  const means = meansByGroup(groups.codes(history.groups), outcomes, mean)
  const present = groups.codes(rows.groups)
  const columns = rows.groups.map((column) => column.name).join(' and ')
  return [
    constant,
    {
      name: `historical ${name} by ${columns}`,
      prediction: predict((row) => means.get(present[row]) ?? mean),
    },
  ]
}

interface Outcomes {
  rows: number
  width: number
  /** Row after row: 1 for the class of the row and 0 for others, or the number. */
  values: Float64Array
}

function outcomesOf(target: Target, classes: readonly Label[] | undefined): Outcomes {
  if (target.kind === 'numbers') return { rows: target.values.length, width: 1, values: target.values }
  const width = classes?.length ?? 0
  const place = target.classes.map((label) => classes?.indexOf(label) ?? -1)
  const values = new Float64Array(target.codes.length * width)
  for (const [row, code] of target.codes.entries()) {
    if (place[code] >= 0) values[row * width + place[code]] = 1
  }
  return { rows: target.codes.length, width, values }
}

function meanOf({ rows, width, values }: Outcomes): Float64Array {
  const sums = new Float64Array(width)
  for (let at = 0; at < values.length; at += 1) sums[at % width] += values[at]
  return sums.map((sum) => sum / rows)
}

function meansByGroup(codes: Int32Array, { width, values }: Outcomes, mean: Float64Array) {
  const groups = new Map<number, { rows: number; sums: Float64Array }>()
  for (const [row, code] of codes.entries()) {
    if (code < 0) continue
    let group = groups.get(code)
    if (!group) {
      group = { rows: 0, sums: new Float64Array(width) }
      groups.set(code, group)
    }
    group.rows += 1
    for (let at = 0; at < width; at += 1) group.sums[at] += values[row * width + at]
  }
  const smooth = ({ rows, sums }: { rows: number; sums: Float64Array }) =>
    sums.map((sum, at) => (sum + smoothing * mean[at]) / (rows + smoothing))
  return new Map([...groups].map(([code, group]) => [code, smooth(group)]))
}

function toPrediction(
  rows: number,
  {
    classes,
    width,
    of,
  }: {
    classes: readonly Label[] | undefined
    width: number
    of: (row: number) => ArrayLike<number>
  },
): Classification | Regression {
  const values = new Float64Array(rows * width)
  for (let row = 0; row < rows; row += 1) values.set(of(row), row * width)
  return classes ? { task: 'classification', classes, probabilities: values } : { task: 'regression', values }
}
