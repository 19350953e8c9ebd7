import type { ShapValues } from '../explanation/shap.ts'
import type { Column, Frame } from '../frame.ts'
import type { Label } from '../target.ts'
import { lowToHigh, makePlot, type PlotSpec, ruleAt, sampleRows } from './plot.ts'

export interface ShapSummaryOptions {
  /** Which output is shown, where there are several. Default: the last one of two. */
  readonly output?: Label
  readonly title?: string
  /** Default 'SHAP value (effect on the prediction)'. */
  readonly valueTitle?: string
  /** Columns with the largest mean absolute value. Default 15. */
  readonly most?: number
  /** Rows that are drawn, evenly spaced. Default 400. */
  readonly rows?: number
}

/** Where each value is among the others, 0 to 1; null for missing ones and categories, which have no order. */
const ranks = (column: Column | undefined, rows: readonly number[]): (number | null)[] => {
  if (!column || column.kind === 'categorical') return rows.map(() => null)
  const values = rows.map((row) => column.values[row])
  const isMissing = (value: number): boolean =>
    Number.isNaN(value) || (column.kind === 'boolean' && value === -1)
  const distinct = [...new Set(values.filter((value) => !isMissing(value)))].sort((a, b) => a - b)
  const rankOf = new Map(
    distinct.map((value, rank) => [value, distinct.length === 1 ? 0.5 : rank / (distinct.length - 1)]),
  )
  return values.map((value) => rankOf.get(value) ?? null)
}

/** Moves points that would lie on each other apart, above and below the line by turns: −0.45 to 0.45. */
const swarm = (values: readonly number[], [low, high]: readonly [number, number]): number[] => {
  const bins = 70
  const heights = new Map<number, number>()
  const places = values.map((value) => {
    const bin = high === low ? 0 : Math.floor(((value - low) / (high - low)) * bins)
    const height = heights.get(bin) ?? 0
    heights.set(bin, height + 1)
    return height
  })
  const step = Math.min(0.08, 0.9 / Math.max(1, ...heights.values()))
  return places.map((place) => step * Math.ceil(place / 2) * (place % 2 === 0 ? 1 : -1))
}

/** The values of one output, row after row. Throws a RangeError if it is not clear which one, or lengths do not fit. */
const valuesOf = (
  { features, outputs, values }: ShapValues,
  rows: number,
  output: Label | undefined,
): Float64Array => {
  if (rows === 0 || features.length === 0 || values.length !== rows * outputs.length * features.length)
    throw new RangeError(
      `${values.length} SHAP values do not fit ${rows} rows × ${outputs.length} outputs × ${features.length} features`,
    )
  if (output === undefined && outputs.length > 2)
    throw new RangeError(`say which output to show; there are ${outputs.map(String).join(', ')}`)
  const chosen = output === undefined ? outputs.length - 1 : outputs.indexOf(output)
  if (chosen === -1)
    throw new RangeError(`there is no output ${String(output)}; there are ${outputs.map(String).join(', ')}`)
  const width = features.length
  const shown = new Float64Array(rows * width)
  for (let row = 0; row < rows; row += 1) {
    const begin = (row * outputs.length + chosen) * width
    shown.set(values.subarray(begin, begin + width), row * width)
  }
  const wrong = shown.findIndex((value) => !Number.isFinite(value))
  if (wrong !== -1)
    throw new RangeError(`the SHAP value of row ${Math.floor(wrong / width)} is ${shown[wrong]}`)
  return shown
}

/**
 * A point for each row and feature at its SHAP value, coloured from the feature's low values to its high ones (grey where
 * it is missing, a category, or not in the frame): Lundberg & Lee's summary. `frame` has the rows that are explained.
 * Throws a RangeError for lengths that do not fit, and where several outputs leave open which one to show.
 */
export const plotShapSummary = (
  shap: ShapValues,
  frame: Frame,
  options: ShapSummaryOptions = {},
): PlotSpec => {
  const { title = 'SHAP values', valueTitle = 'SHAP value (effect on the prediction)', most = 15 } = options
  const values = valuesOf(shap, frame.rows, options.output)
  const columns = shap.features
  const width = columns.length
  const meanAbsolute = new Float64Array(width)
  for (let at = 0; at < values.length; at += 1) meanAbsolute[at % width] += Math.abs(values[at]) / frame.rows
  const shown = columns
    .map((name, at) => ({ name, at }))
    .sort((a, b) => meanAbsolute[b.at] - meanAbsolute[a.at])
    .slice(0, most)
  const rows = sampleRows(frame.rows, options.rows ?? 400)
  const drawn = shown.map(({ at }) => rows.map((row) => values[row * width + at]))
  const all = drawn.flat()
  const range = [Math.min(...all), Math.max(...all)] as const
  const points = shown.flatMap(({ name }, index) => {
    const offsets = swarm(drawn[index], range)
    const colour = ranks(Object.hasOwn(frame.columns, name) ? frame.columns[name] : undefined, rows)
    return rows.map((_, place) => ({
      name,
      value: drawn[index][place],
      offset: offsets[place],
      colour: colour[place],
    }))
  })
  const names = shown.map(({ name }) => name)
  const mark = { type: 'circle', size: 14, opacity: 0.85 }
  const place = {
    x: { field: 'value', type: 'quantitative', title: valueTitle },
    y: { field: 'name', type: 'nominal', title: null, sort: names, scale: { domain: names } },
    yOffset: { field: 'offset', type: 'quantitative', scale: { domain: [-0.5, 0.5] } },
  }
  return makePlot(
    title,
    { width: 420, height: Math.max(80, names.length * 34) },
    {
      layer: [
        ruleAt('x', 0),
        {
          data: { values: points.filter(({ colour }) => colour === null) },
          mark: { ...mark, color: '#767676' },
          encoding: place,
        },
        {
          data: { values: points.filter(({ colour }) => colour !== null) },
          mark,
          encoding: {
            ...place,
            color: {
              field: 'colour',
              type: 'quantitative',
              title: 'Value of the column',
              scale: { domain: [0, 1], range: lowToHigh },
              legend: {
                values: [0, 1],
                labelExpr: "datum.value === 0 ? 'low' : 'high'",
                gradientLength: 100,
              },
            },
          },
        },
      ],
    },
  )
}
