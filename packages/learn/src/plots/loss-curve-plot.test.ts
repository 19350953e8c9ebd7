import { expect, it } from 'vitest'
import { plotLoss } from './loss-curve-plot.ts'

const losses = [
  { iteration: 1, training: 0.6, validation: 0.65 },
  { iteration: 2, training: 0.4, validation: 0.7 },
]

it('draws the loss on both kinds of rows, and marks the best iteration', () => {
  expect(plotLoss(losses, { best: 1 })).toMatchObject({
    layer: [
      { data: { values: [{ at: 1 }] } },
      {
        data: {
          values: [
            { iteration: 1, loss: 0.6, series: 'Rows learnt from' },
            { iteration: 1, loss: 0.65, series: 'Validation rows' },
            { iteration: 2, loss: 0.4, series: 'Rows learnt from' },
            { iteration: 2, loss: 0.7, series: 'Validation rows' },
          ],
        },
      },
    ],
  })
})

it('has one line without validation rows', () => {
  const plot = plotLoss([{ iteration: 1, training: 0.6 }])
  expect(plot.layer).toMatchObject([{ encoding: { color: { scale: { domain: ['Rows learnt from'] } } } }])
  expect(() => plotLoss([])).toThrow('at least one iteration')
})
