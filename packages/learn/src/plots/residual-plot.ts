import { makePlot, type PlotSpec, ruleAt, sampleRows } from './plot.ts'

export interface ResidualPlotOptions {
  readonly title?: string
  /** Unit of the target, as in 'min'. */
  readonly unit?: string
  /** Points that are drawn, evenly spaced rows. Default 1000. */
  readonly rows?: number
}

/** Actual − predicted by predicted, against 0. Throws a RangeError for lengths that differ, no rows, and numbers that are not finite. */
export const plotResiduals = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  { title = 'Residuals', unit, rows = 1000 }: ResidualPlotOptions = {},
): PlotSpec => {
  if (actual.length === 0 || actual.length !== predicted.length)
    throw new RangeError(
      `residuals need as many predictions (${predicted.length}) as actual values (${actual.length})`,
    )
  const values = sampleRows(actual.length, rows).map((row) => {
    const residual = actual[row] - predicted[row]
    if (!Number.isFinite(residual)) throw new RangeError(`the residual of row ${row} is ${residual}`)
    return { predicted: predicted[row], residual }
  })
  const withUnit = (text: string): string => (unit === undefined ? text : `${text} [${unit}]`)
  const opacity = values.length > 300 ? 0.35 : 0.6
  return makePlot(
    title,
    { width: 420, height: 300 },
    {
      layer: [
        {
          data: { values },
          mark: { type: 'circle', size: 22, opacity, color: '#0072B2' },
          encoding: {
            x: {
              field: 'predicted',
              type: 'quantitative',
              title: withUnit('Predicted'),
              scale: { zero: false },
            },
            y: { field: 'residual', type: 'quantitative', title: withUnit('Actual − predicted') },
          },
        },
        ruleAt('y', 0, { color: '#1a1a1a', strokeDash: [4, 4] }),
      ],
    },
  )
}
