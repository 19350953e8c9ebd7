import { predict } from '../fit.ts'
import type { Column, ColumnKind, Frame } from '../frame.ts'
import { resolveMetricWeights } from '../metrics/metric-weights.ts'
import type { Model, Prediction } from '../model.ts'
import type { Label } from '../target.ts'
import { constantColumn, type GridOptions, type GridValue, gridOf } from './column-grid.ts'

export interface PartialDependenceOptions extends GridOptions {
  /** One or two columns to vary. */
  readonly columns: readonly [string] | readonly [string, string]
  /** Values of the grid for some of them, instead of those that are found. */
  readonly grid?: Readonly<Record<string, readonly GridValue[]>>
  /** The class whose probability is looked at. Default: the last one of two; needed for more. */
  readonly positive?: Label
  /** Finite, >= 0, one for each row: of the average. Default: 1 each. */
  readonly weights?: ArrayLike<number>
  /** Whether the curve of each row is returned, too: individual conditional expectation (Goldstein et al. 2015). */
  readonly individual?: boolean
}

export interface PartialDependence {
  readonly columns: readonly string[]
  readonly kinds: readonly ColumnKind[]
  /** The values of each column. */
  readonly grid: readonly (readonly GridValue[])[]
  /** Mean prediction or probability for each value; of two columns, the second one changes fastest. */
  readonly average: Float64Array
  /** Row after row, each with as many values as `average`. */
  readonly individual?: Float64Array
}

// 400 MB of numbers; more is a mistake.
const maxIndividual = 50_000_000

/** Takes what is looked at out of a prediction, a number for each row. */
const responseOf = (prediction: Prediction, positive: Label | undefined): Float64Array => {
  if (prediction.task === 'regression') return prediction.values
  if (prediction.task === 'anomaly') return prediction.scores
  if (prediction.task === 'clustering')
    throw new TypeError('partial dependence is of numbers and probabilities, not of clusters')
  const { classes, probabilities } = prediction
  if (positive === undefined && classes.length > 2)
    throw new RangeError(`say which class is positive; there are ${classes.map(String).join(', ')}`)
  const code = positive === undefined ? classes.length - 1 : classes.indexOf(positive)
  if (code === -1)
    throw new RangeError(`there is no class ${String(positive)}; there are ${classes.map(String).join(', ')}`)
  return Float64Array.from(
    { length: probabilities.length / classes.length },
    (_, row) => probabilities[row * classes.length + code],
  )
}

const combine = (grid: readonly (readonly GridValue[])[]): GridValue[][] =>
  grid.reduce<GridValue[][]>(
    (known, values) => known.flatMap((before) => values.map((value) => [...before, value])),
    [[]],
  )

/**
 * Partial dependence (Friedman 2001): the mean prediction over all rows with one or two columns set to a value, for each
 * value of a grid. It shows what the model does, and misleads where the columns depend strongly on others. Predicts all
 * rows once for each value; a sample of some thousand rows is enough.
 * Throws as `predict`, a RangeError for columns, classes or options that there are not, and for more than 50 million
 * individual values; a TypeError for a value that a column cannot hold.
 */
export const partialDependence = (
  model: Model,
  frame: Frame,
  options: PartialDependenceOptions,
): PartialDependence => {
  const { columns, positive } = options
  if (frame.rows === 0) throw new RangeError('partial dependence needs rows')
  if (columns.length < 1 || columns.length > 2 || columns[0] === columns[1])
    throw new RangeError(
      `partial dependence is of one or two columns, not of ${columns.join(', ') || 'none'}`,
    )
  const find = (name: string): Column => {
    if (!Object.hasOwn(frame.columns, name)) throw new RangeError(`the frame has no column '${name}'`)
    return frame.columns[name]
  }
  const grid = columns.map((name) => options.grid?.[name] ?? gridOf(name, find(name), options))
  const points = combine(grid)
  if (points.length === 0) throw new RangeError('the grid has no values')
  if (options.individual && points.length * frame.rows > maxIndividual)
    throw new RangeError(
      `${frame.rows} rows × ${points.length} values are too many individual curves; take a sample of the rows`,
    )
  const weights = resolveMetricWeights(options.weights, frame.rows)
  const individual = new Float64Array(options.individual ? points.length * frame.rows : 0)
  const average = Float64Array.from(points, (point, at) => {
    const set = Object.fromEntries(
      columns.map((name, index) => [name, constantColumn(name, find(name), point[index])]),
    )
    const response = responseOf(
      predict(model, { rows: frame.rows, columns: { ...frame.columns, ...set } }),
      positive,
    )
    let sum = 0
    let total = 0
    for (let row = 0; row < frame.rows; row += 1) {
      sum += weights[row] * response[row]
      total += weights[row]
      if (options.individual) individual[row * points.length + at] = response[row]
    }
    return sum / total
  })
  const kinds = columns.map((name) => find(name).kind)
  return { columns, kinds, grid, average, ...(options.individual && { individual }) }
}
