import {
  type Classification,
  evaluateSlices,
  type Frame,
  numberTarget,
  type Regression,
  type SliceCondition,
  type Target,
} from '@millrace/learn'
import type { Scores } from './scores.ts'

/** Rows with one category, or between two quantiles of a number. */
export interface SliceScores {
  /** What the rows have in common: `SFO`, `250 … 480`, `missing`. */
  slice: string
  condition: SliceCondition
  rows: number
  scores: Scores
  /** Mean of the loss of the rows, and the standard error of that mean. */
  loss: number
  standardError: number
}

/** Where a model is worse, by the values of one column. */
export interface SlicedColumn {
  column: string
  /** How many slices had enough rows. */
  count: number
  /** By mean loss, worst first. */
  slices: SliceScores[]
}

export interface SliceInput {
  /** The columns to slice by. */
  frame: Frame
  prediction: Classification | Regression
  target: Target
  /** What the model loses in each row. */
  losses: Float64Array
  metrics: readonly string[]
  minimumRows: number
}

/** Scores of the slices by each column of the frame, those that a slice does not define left out. */
export function scoreSlices(input: SliceInput): SlicedColumn[] {
  const { frame, prediction, target, losses, metrics, minimumRows: minRows } = input
  const scored = evaluateSlices(prediction, target, { frame, metrics, minRows })
  // The same slices in the same order: losses are not negative, so these two are their mean and mean square.
  const zeros = numberTarget(new Float64Array(losses.length))
  const spread = evaluateSlices({ task: 'regression', values: losses }, zeros, {
    frame,
    metrics: ['meanAbsoluteError', 'meanSquaredError'],
    minRows,
  })
  const all = scored.map(({ column, condition, rows, scores }, at) => {
    const { meanAbsoluteError: loss, meanSquaredError: square } = spread[at].scores
    const variance = Math.max(0, square - loss ** 2) / Math.max(1, rows - 1)
    return {
      column,
      slice: describeCondition(condition, frame.columns[column].kind === 'timestamp'),
      condition,
      rows,
      scores,
      loss,
      standardError: Math.sqrt(variance),
    }
  })
  return Object.keys(frame.columns).map((column) => {
    const slices = all
      .filter((slice) => slice.column === column)
      .map(({ column: _, ...slice }) => slice)
      .sort((a, b) => b.loss - a.loss)
    return { column, count: slices.length, slices }
  })
}

function describeCondition(condition: SliceCondition, isTime: boolean): string {
  if (condition.kind === 'missing') return 'missing'
  if (condition.kind !== 'range') return String(condition.value)
  const showEnd = (value: number) =>
    isTime ? new Date(value).toISOString() : String(Number(value.toPrecision(6)))
  return `${showEnd(condition.low)} … ${showEnd(condition.high)}`
}
