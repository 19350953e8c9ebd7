import type { IterationLoss } from '../learner.ts'
import { makePlot, type PlotSpec, ruleAt, sampleRows, seriesColour } from './plot.ts'

/** Points of each line: more than these cannot be told apart on a screen. */
const mostPoints = 500
const names = ['Rows learnt from', 'Validation rows']

/**
 * The mean loss by iteration, on the rows learnt from and on validation rows, with a line at the iteration that the
 * model keeps. Throws a RangeError for no iteration.
 */
export const plotLoss = (
  losses: readonly IterationLoss[],
  { title = 'Loss by iteration', best }: { readonly title?: string; readonly best?: number } = {},
): PlotSpec => {
  if (losses.length === 0) throw new RangeError('a loss curve needs at least one iteration')
  const values = sampleRows(losses.length, mostPoints).flatMap((at) => {
    const { iteration, training, validation } = losses[at]
    return [
      { iteration, loss: training, series: names[0] },
      ...(validation === undefined ? [] : [{ iteration, loss: validation, series: names[1] }]),
    ]
  })
  const drawn = names.filter((name) => values.some(({ series }) => series === name))
  const line = {
    data: { values },
    mark: { type: 'line', strokeWidth: 2 },
    encoding: {
      x: { field: 'iteration', type: 'quantitative', title: 'Iteration', axis: { tickMinStep: 1 } },
      y: { field: 'loss', type: 'quantitative', title: 'Mean loss', scale: { zero: false } },
      color: seriesColour(drawn),
    },
  }
  return makePlot(
    title,
    { width: 420, height: 280 },
    { layer: best === undefined ? [line] : [ruleAt('x', best, { strokeDash: [4, 4] }), line] },
  )
}
