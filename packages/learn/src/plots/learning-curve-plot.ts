import type { LearningCurvePoint } from '../validation/learning-curve.ts'
import { makePlot, type PlotSpec, seriesColour } from './plot.ts'

const names = ['Rows learnt from', 'Test rows']

/**
 * A metric by the rows learnt from, ± one standard deviation over the folds, on test rows and on those learnt from.
 * Throws a RangeError if no point has the metric.
 */
export const plotLearningCurve = (
  points: readonly LearningCurvePoint[],
  metric: string,
  {
    title = 'Learning curve',
    metricTitle = metric,
  }: { readonly title?: string; readonly metricTitle?: string } = {},
): PlotSpec => {
  const values = points.flatMap(({ trainRows, train, test }) =>
    [train, test].flatMap((summary, at) => {
      if (!Object.hasOwn(summary, metric)) return []
      const { mean, standardDeviation } = summary[metric]
      return [
        {
          rows: trainRows,
          mean,
          low: mean - standardDeviation,
          high: mean + standardDeviation,
          series: names[at],
        },
      ]
    }),
  )
  if (values.length === 0) throw new RangeError(`no point of the learning curve has '${metric}'`)
  const x = { field: 'rows', type: 'quantitative', title: 'Rows to learn from', axis: { format: '~s' } }
  const color = seriesColour(names)
  const y = { type: 'quantitative', title: metricTitle, scale: { zero: false } }
  return makePlot(
    title,
    { width: 420, height: 280 },
    {
      data: { values },
      layer: [
        {
          mark: { type: 'area', opacity: 0.2 },
          encoding: { x, color, y: { ...y, field: 'low' }, y2: { field: 'high' } },
        },
        {
          mark: { type: 'line', point: true, strokeWidth: 2 },
          encoding: { x, color, y: { ...y, field: 'mean' } },
        },
      ],
    },
  )
}
