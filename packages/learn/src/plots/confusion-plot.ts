import { type ConfusionMatrix, marginsOf } from '../metrics/confusion.ts'
import type { Label } from '../target.ts'
import { makePlot, type PlotSpec } from './plot.ts'

const maxClasses = 30

/** Enough digits for counts and sums of weights. */
const describeCount = (count: number): string =>
  Number.isInteger(count) ? count.toLocaleString('en-US') : count.toPrecision(4)

/**
 * Rows by true class (top to bottom) and predicted class (left to right), coloured by their share of the true class.
 * Throws a RangeError for other classes than the matrix has, and for more than 30.
 */
export const plotConfusion = (
  matrix: ConfusionMatrix,
  classes: readonly Label[],
  title = 'Confusion matrix',
): PlotSpec => {
  const names = classes.map(String)
  if (names.length !== matrix.classes)
    throw new RangeError(`the matrix has ${matrix.classes} classes, ${names.length} are named`)
  if (names.length > maxClasses)
    throw new RangeError(`a plot of ${names.length} classes cannot be read; at most ${maxClasses} are drawn`)
  const { actual } = marginsOf(matrix)
  const values = names.flatMap((row, at) =>
    names.map((column, to) => {
      const count = matrix.counts[at * names.length + to]
      const part = actual[at] === 0 ? 0 : count / actual[at]
      const percent = `${(100 * part).toFixed(part > 0 && part < 0.1 ? 1 : 0)}%`
      return { actual: row, predicted: column, share: part, text: [describeCount(count), percent] }
    }),
  )
  const cell = Math.max(40, Math.min(90, 480 / names.length))
  const isLarge = cell >= 60
  const texts = names.length > 15 ? [] : [textLayer(isLarge)]
  return makePlot(
    title,
    { width: cell * names.length, height: cell * names.length },
    {
      data: { values: isLarge ? values : values.map(({ text, ...rest }) => ({ ...rest, text: text[0] })) },
      encoding: {
        x: {
          field: 'predicted',
          type: 'nominal',
          title: 'Predicted class',
          sort: names,
          axis: { labelAngle: names.every((name) => name.length * 7 < cell) ? 0 : -45 },
        },
        y: { field: 'actual', type: 'nominal', title: 'True class', sort: names },
      },
      layer: [
        {
          mark: { type: 'rect', stroke: '#ffffff' },
          encoding: {
            color: {
              field: 'share',
              type: 'quantitative',
              title: 'Share of true class',
              scale: { scheme: 'blues', domain: [0, 1] },
              legend: { format: '.0%', gradientLength: 120 },
            },
          },
        },
        ...texts,
      ],
    },
  )
}

const textLayer = (isLarge: boolean) => ({
  mark: {
    type: 'text',
    fontSize: isLarge ? 12 : 10,
    lineBreak: '\n',
    baseline: 'middle',
    dy: isLarge ? -7 : 0,
  },
  encoding: {
    text: { field: 'text' },
    color: { condition: { test: 'datum.share > 0.55', value: '#ffffff' }, value: '#1a1a1a' },
  },
})
