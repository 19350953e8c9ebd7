import { describe, expect, it } from 'vitest'
import type { ShapValues } from '../explanation/shap.ts'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import { confusionMatrix } from '../metrics/confusion.ts'
import { rocCurve } from '../metrics/roc-auc.ts'
import { plotCalibration, plotRoc } from './classification-curves.ts'
import { plotCoefficients } from './coefficient-plot.ts'
import { plotConfusion } from './confusion-plot.ts'
import { plotImportance } from './importance-plot.ts'
import { plotLearningCurve } from './learning-curve-plot.ts'
import type { Json, PlotSpec } from './plot.ts'
import { plotResiduals } from './residual-plot.ts'
import { plotShapSummary } from './shap-summary-plot.ts'

/** The values of each layer, or of the plot. */
const valuesOf = (plot: PlotSpec): Record<string, Json>[][] => {
  const layers = (plot.data ? [plot] : plot.layer) as unknown as {
    data: { values: Record<string, Json>[] }
  }[]
  return layers.map(({ data }) => data.values)
}

const shapOf = (
  features: string[],
  values: Float64Array,
  outputs: (string | null)[] = [null],
): ShapValues => ({
  features,
  values,
  outputs,
  link: 'identity',
  base: new Float64Array(outputs.length),
})

describe('plots', () => {
  it('keep the ends of a long curve, and no more points than can be seen', () => {
    const scores = Array.from({ length: 20_000 }, (_, row) => row)
    const labels = scores.map((score) => (Math.imul(score, 0x9e3779b1) >>> 8) & 1)
    const curve = rocCurve(labels, scores)
    expect(curve.thresholds.length).toBeGreaterThan(5000)
    const [, points] = valuesOf(plotRoc([{ name: 'a', curve }]))
    expect(points.length).toBeLessThan(900)
    expect(points[0]).toMatchObject({ x: 0, y: 0 })
    expect(points.at(-1)).toMatchObject({ x: 1, y: 1 })
  })

  it('put the only curve into the title, and several into a legend', () => {
    const curve = rocCurve([0, 1], [0.1, 0.9])
    expect(plotRoc([{ name: 'forest', curve, auc: 1 }]).title).toBe('ROC: forest (AUC 1.000)')
    const two = plotRoc(['a', 'b'].map((name) => ({ name, curve })))
    expect(JSON.stringify(two)).toContain('"domain":["a","b"]')
  })

  it('show counts and shares of the true class', () => {
    const matrix = confusionMatrix([0, 0, 0, 1], [0, 0, 1, 1])
    const [cells] = valuesOf(plotConfusion(matrix, ['no', 'yes']))
    expect(cells).toMatchObject([
      { actual: 'no', predicted: 'no', text: ['2', '67%'] },
      { actual: 'no', predicted: 'yes', text: ['1', '33%'] },
      { actual: 'yes', predicted: 'no', text: ['0', '0%'] },
      { actual: 'yes', predicted: 'yes', text: ['1', '100%'] },
    ])
  })

  it('order importances by size, the greatest only', () => {
    const given = [1, -5, 3].map((value) => ({ name: `column ${value}`, value }))
    const plot = plotImportance(given, { most: 2 })
    expect(plot.title).toBe('Importance (2 of 3)')
    expect(plot.data).toEqual({ values: [given[1], given[2]] })
  })

  it('draw the coefficients of each class side by side, the columns with the largest first', () => {
    const functionOf = (label: string | undefined, ...values: number[]) => ({
      label,
      intercept: 0,
      coefficients: values.map((value, column) => ({ name: `x${column}`, value })),
    })
    const [, bars] = valuesOf(
      plotCoefficients([functionOf('a', 1, -2, 0), functionOf('b', 0, 1, -5)], { most: 2 }),
    )
    expect(bars.map(({ name, series, value }) => [name, series, value])).toEqual([
      ['x2', 'a', 0],
      ['x2', 'b', -5],
      ['x1', 'a', -2],
      ['x1', 'b', 1],
    ])
    const [only] = valuesOf(plotCoefficients([functionOf(undefined, 1, -2)]))
    expect(only.map(({ value }) => value)).toEqual([-2, 1])
    expect(JSON.stringify(plotCoefficients([functionOf('late', 1)]))).toContain('log-odds of late')
    expect(() => plotCoefficients([])).toThrow('at least one linear function')
    expect(() => plotCoefficients([functionOf('a', 1), functionOf('b', Number.NaN)])).toThrow(
      "a coefficient of 'x0' is not finite",
    )
  })

  it('draw SHAP values of a sample, by mean absolute value, without order for categories', () => {
    const frame = createFrame({
      low: categoricalColumn(Array.from({ length: 1000 }, () => 'x')),
      high: numericColumn(Array.from({ length: 1000 }, (_, row) => row)),
    })
    const values = Float64Array.from({ length: 2000 }, (_, at) => (at % 2) * Math.sin(at) + 0.01)
    const [, grey, coloured] = valuesOf(plotShapSummary(shapOf(['low', 'high'], values), frame, { rows: 50 }))
    expect([grey.length, coloured.length]).toEqual([50, 50])
    expect(new Set(grey.map(({ name }) => name))).toEqual(new Set(['low']))
    expect(coloured[0]).toMatchObject({ name: 'high', colour: 0 })
    expect(coloured.at(-1)).toMatchObject({ colour: 1 })
    for (const { offset } of [...grey, ...coloured]) expect(Math.abs(Number(offset))).toBeLessThanOrEqual(0.5)
  })

  it('draw the SHAP values of one output', () => {
    const frame = createFrame({ a: numericColumn([5, 6]) })
    const shap = shapOf(['a'], Float64Array.of(1, 2, 3, 4, 5, 6), ['x', 'y', 'z'])
    const [, , points] = valuesOf(plotShapSummary(shap, frame, { output: 'y' }))
    expect(points.map(({ value }) => value)).toEqual([2, 5])
    expect(() => plotShapSummary(shap, frame)).toThrow('say which output to show; there are x, y, z')
    expect(() => plotShapSummary(shap, frame, { output: 'w' })).toThrow('there is no output w')
  })

  it('refuse what cannot be drawn', () => {
    const curve = rocCurve([0, 1], [0.1, 0.9])
    expect(() => plotRoc([])).toThrow('at least one curve')
    expect(() => plotCalibration(['a', 'a'].map((name) => ({ name, bins: [] })))).toThrow(
      "two curves are called 'a'",
    )
    expect(() => plotRoc([{ name: 'a', curve }])).not.toThrow()
    expect(() => plotConfusion(confusionMatrix([0, 1], [1, 0]), ['a'])).toThrow(
      'the matrix has 2 classes, 1 are',
    )
    expect(() => plotConfusion(confusionMatrix([0, 40], [1, 0]), Array(41).fill('a'))).toThrow('at most 30')
    expect(() => plotImportance([{ name: 'a', value: Number.NaN }])).toThrow(
      "the importance of 'a' must be finite",
    )
    expect(() => plotResiduals([1], [])).toThrow('as many predictions (0) as actual values (1)')
    expect(() => plotResiduals([1], [Number.NaN])).toThrow('the residual of row 0 is NaN')
    expect(() => plotLearningCurve([], 'r2')).toThrow("no point of the learning curve has 'r2'")
    const frame = createFrame({ a: numericColumn([1]) })
    expect(() => plotShapSummary(shapOf(['a'], Float64Array.of(1, 2)), frame)).toThrow('do not fit')
  })
})
