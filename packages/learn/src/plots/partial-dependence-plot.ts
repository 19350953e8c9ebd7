import type { GridValue } from '../explanation/column-grid.ts'
import type { PartialDependence } from '../explanation/partial-dependence.ts'
import type { ColumnKind } from '../frame.ts'
import { type Json, makePlot, type PlotSpec, sampleRows } from './plot.ts'

export interface PartialDependencePlotOptions {
  readonly title?: string
  /** What is predicted, with its unit. Default 'Prediction'. */
  readonly responseTitle?: string
  /** Curves of single rows that are drawn, evenly spaced. Default 40. */
  readonly rows?: number
}

const isDiscrete = (kind: ColumnKind): boolean => kind === 'categorical' || kind === 'boolean'

const axis = (
  field: string,
  { name, kind, values }: { name: string; kind: ColumnKind; values: readonly GridValue[] },
): Json =>
  isDiscrete(kind)
    ? {
        field,
        type: 'nominal',
        title: name,
        sort: values.map(String),
        axis: { labelAngle: values.length > 6 ? -45 : 0 },
      }
    : {
        field,
        type: kind === 'timestamp' ? 'temporal' : 'quantitative',
        title: kind === 'timestamp' ? `${name} (UTC)` : name,
        scale: kind === 'timestamp' ? { type: 'utc' } : { zero: false, nice: false },
      }

const plotOne = (
  found: PartialDependence,
  { responseTitle, rows = 40 }: PartialDependencePlotOptions,
): Json[] => {
  const [values] = found.grid
  const kind = found.kinds[0]
  const at = (value: GridValue): Json => (isDiscrete(kind) ? String(value) : value)
  const x = axis('x', { name: found.columns[0], kind, values })
  const y = {
    field: 'y',
    type: 'quantitative',
    title: responseTitle ?? 'Prediction',
    scale: { zero: false, padding: 6 },
  }
  const { individual } = found
  const curves = individual
    ? sampleRows(individual.length / values.length, rows).flatMap((row) =>
        values.map((value, index) => ({ x: at(value), y: individual[row * values.length + index], row })),
      )
    : []
  const single: Json = {
    data: { values: curves },
    mark: { type: 'line', color: '#767676', opacity: 0.35, strokeWidth: 1 },
    encoding: { x, y, detail: { field: 'row', type: 'nominal' } },
  }
  return [
    ...(individual ? [single] : []),
    {
      data: { values: values.map((value, index) => ({ x: at(value), y: found.average[index] })) },
      mark: isDiscrete(kind)
        ? { type: 'point', filled: true, size: 80, color: '#0072B2', opacity: 1 }
        : { type: 'line', color: '#0072B2', strokeWidth: 2.5 },
      encoding: { x, y },
    },
  ]
}

/** Cells of a grid as rectangles that reach half-way to their neighbours, as the values are not evenly spaced. */
const borders = (values: readonly number[]): [number, number][] =>
  values.map((value, at) => [
    at === 0 ? value : (values[at - 1] + value) / 2,
    at === values.length - 1 ? value : (value + values[at + 1]) / 2,
  ])

const plotTwo = (found: PartialDependence, { responseTitle }: PartialDependencePlotOptions): Json => {
  const cells = found.grid.map((values, column) =>
    isDiscrete(found.kinds[column])
      ? values.map((value) => ({ from: String(value), to: String(value) }))
      : borders(values.map(Number)).map(([from, to]) => ({ from, to })),
  )
  const [ofX, ofY] = cells
  const channel = (name: 'x' | 'y', column: number): Record<string, Json> => {
    const [kind, values] = [found.kinds[column], found.grid[column]]
    const encoded = axis(name, { name: found.columns[column], kind, values })
    return isDiscrete(kind) ? { [name]: encoded } : { [name]: encoded, [`${name}2`]: { field: `${name}To` } }
  }
  const colour = {
    field: 'mean',
    type: 'quantitative',
    title: responseTitle ?? 'Prediction',
    scale: { scheme: 'viridis', zero: false },
    legend: { type: 'gradient' },
  }
  return {
    data: {
      values: ofX.flatMap((x, i) =>
        ofY.map((y, j) => ({
          x: x.from,
          xTo: x.to,
          y: y.from,
          yTo: y.to,
          mean: found.average[i * ofY.length + j],
        })),
      ),
    },
    // A line in the colour of the cell closes the seams between cells.
    mark: { type: 'rect', strokeWidth: 0.7 },
    encoding: {
      ...channel('x', 0),
      ...channel('y', 1),
      color: colour,
      stroke: colour,
    },
  }
}

/**
 * The mean prediction by one column as a line (points for categories) with the curves of single rows if they were
 * computed, or by two columns as colours.
 */
export const plotPartialDependence = (
  found: PartialDependence,
  options: PartialDependencePlotOptions = {},
): PlotSpec => {
  const title = options.title ?? `Partial dependence on ${found.columns.join(' and ')}`
  const layer = found.columns.length === 1 ? plotOne(found, options) : [plotTwo(found, options)]
  return makePlot(title, { width: 420, height: 300 }, { layer })
}
