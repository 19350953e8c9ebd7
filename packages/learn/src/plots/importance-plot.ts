import { makePlot, type PlotSpec } from './plot.ts'

export interface NamedImportance {
  readonly name: string
  /** Any number: a coefficient may be below 0. */
  readonly value: number
  /** Drawn as ± one such. */
  readonly standardDeviation?: number
}

export interface ImportancePlotOptions {
  readonly title?: string
  /** What a bar shows, with its unit: 'Increase of RMSE [min]'. Default 'Importance'. */
  readonly valueTitle?: string
  /** The largest by absolute value are drawn. Default 20. */
  readonly most?: number
}

/** Bars from the largest absolute value to the smallest. Throws a RangeError for nothing, or numbers that are not finite. */
export const plotImportance = (
  importances: readonly NamedImportance[],
  { title = 'Importance', valueTitle = 'Importance', most = 20 }: ImportancePlotOptions = {},
): PlotSpec => {
  if (importances.length === 0) throw new RangeError('a plot needs at least one importance')
  const wrong = importances.find(
    ({ value, standardDeviation = 0 }) => !Number.isFinite(value + standardDeviation),
  )
  if (wrong) throw new RangeError(`the importance of '${wrong.name}' must be finite, not ${wrong.value}`)
  const shown = importances.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, most)
  const values = shown.map(({ name, value, standardDeviation: deviation }) => ({
    name,
    value,
    ...(deviation === undefined ? {} : { low: value - deviation, high: value + deviation }),
  }))
  const y = { field: 'name', type: 'nominal', title: null, sort: shown.map(({ name }) => name) }
  const left = importances.length - shown.length
  return makePlot(
    left > 0 ? `${title} (${shown.length} of ${importances.length})` : title,
    {
      width: 380,
      height: Math.max(60, shown.length * 22),
    },
    {
      data: { values },
      layer: [
        {
          mark: { type: 'bar', height: { band: 0.7 } },
          encoding: {
            y,
            x: { field: 'value', type: 'quantitative', title: valueTitle },
            color: { condition: { test: 'datum.value < 0', value: '#D55E00' }, value: '#0072B2' },
          },
        },
        ...(values.some((value) => 'low' in value)
          ? [
              {
                mark: { type: 'rule', color: '#1a1a1a', strokeWidth: 1.5 },
                encoding: {
                  y,
                  x: { field: 'low', type: 'quantitative', title: valueTitle },
                  x2: { field: 'high' },
                },
              },
            ]
          : []),
      ],
    },
  )
}
