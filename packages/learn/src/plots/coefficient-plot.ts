import type { LinearFunction } from '../learners/list-coefficients.ts'
import { plotImportance } from './importance-plot.ts'
import { makePlot, type PlotSpec, ruleAt, seriesColour } from './plot.ts'

export interface CoefficientPlotOptions {
  /** Default 'Coefficients'. */
  readonly title?: string
  /** What one of a column adds, with its unit. Default 'Change for one of the column', of log-odds or scores for classes. */
  readonly valueTitle?: string
  /** The columns with the largest coefficient by absolute value, of any class, are drawn. Default 20. */
  readonly most?: number
}

const titleOf = (functions: readonly LinearFunction[]): string => {
  const [{ label }] = functions
  if (label === undefined) return 'Change for one of the column'
  return functions.length === 1
    ? `Change of the log-odds of ${String(label)} for one of the column`
    : "Change of the class's score for one of the column"
}

/**
 * The coefficients of a linear model (`listCoefficients`), the largest first: a bar for each column, or one for each of
 * its classes. They can be compared where the columns are of one scale. Throws a RangeError for no function or column,
 * and for numbers that are not finite.
 */
export const plotCoefficients = (
  functions: readonly LinearFunction[],
  options: CoefficientPlotOptions = {},
): PlotSpec => {
  if (functions.length === 0) throw new RangeError('a plot needs at least one linear function')
  const { title = 'Coefficients', valueTitle = titleOf(functions), most = 20 } = options
  const [{ coefficients }] = functions
  if (functions.length === 1) return plotImportance(coefficients, { title, valueTitle, most })
  const largest = coefficients.map(({ name }, column) => ({
    name,
    column,
    size: Math.max(...functions.map((one) => Math.abs(one.coefficients[column].value))),
  }))
  const wrong = largest.find(({ size }) => !Number.isFinite(size))
  if (wrong) throw new RangeError(`a coefficient of '${wrong.name}' is not finite`)
  if (largest.length === 0) throw new RangeError('a plot needs at least one coefficient')
  const shown = largest.sort((a, b) => b.size - a.size).slice(0, most)
  const series = functions.map(({ label }) => String(label))
  const values = shown.flatMap(({ name, column }) =>
    functions.map((one, index) => ({ name, series: series[index], value: one.coefficients[column].value })),
  )
  const left = coefficients.length - shown.length
  return makePlot(
    left > 0 ? `${title} (${shown.length} of ${coefficients.length})` : title,
    { width: 380, height: Math.max(60, shown.length * (8 + 9 * functions.length)) },
    {
      layer: [
        ruleAt('x', 0),
        {
          data: { values },
          mark: { type: 'bar' },
          encoding: {
            y: { field: 'name', type: 'nominal', title: null, sort: shown.map(({ name }) => name) },
            yOffset: { field: 'series', type: 'nominal', sort: series },
            x: { field: 'value', type: 'quantitative', title: valueTitle },
            color: seriesColour(series),
          },
        },
      ],
    },
  )
}
