/** What JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** A Vega-Lite 6 specification with its data: plain JSON that any Vega viewer, notebook or MLflow shows. */
export type PlotSpec = { readonly $schema: string; readonly title: Json } & {
  readonly [key: string]: Json | undefined
}

/** Colours that people with any colour vision tell apart (Okabe & Ito 2008), without yellow, which white hides. */
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'] as const

/** From low to high where the middle means nothing special: blue to vermilion through grey. */
export const lowToHigh = ['#0072B2', '#B8B8B8', '#D55E00'] as const

export interface PlotSize {
  readonly width: number
  readonly height: number
}

/** The specification in the style that all plots share. */
export const makePlot = (
  title: string,
  size: PlotSize,
  content: { readonly [key: string]: Json | undefined },
): PlotSpec => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  title,
  background: '#ffffff',
  padding: 12,
  ...size,
  ...content,
  config: {
    font: 'system-ui, sans-serif',
    title: { fontSize: 14, anchor: 'start', offset: 12 },
    axis: {
      labelFontSize: 11,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      gridColor: '#e5e5e5',
      labelLimit: 320,
    },
    legend: {
      labelFontSize: 11,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      labelLimit: 320,
      titleLimit: 320,
      symbolOpacity: 1,
    },
    range: { category: colours },
    view: { stroke: '#cccccc' },
  },
})

/** A dashed reference line from (0, 0) to (1, 1). */
export const diagonal: Json = {
  data: {
    values: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  },
  mark: { type: 'line', color: '#767676', strokeDash: [4, 4], strokeWidth: 1 },
  encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
}

/** A line across the plot at one value, of the layer's x or y; a layer without data of its own draws nothing. */
export const ruleAt = (
  axis: 'x' | 'y',
  value: number,
  mark: { readonly [key: string]: Json } = {},
): Json => ({
  data: { values: [{ at: value }] },
  mark: { type: 'rule', color: '#767676', ...mark },
  encoding: { [axis]: { field: 'at', type: 'quantitative' } },
})

/** An axis for a share. */
export const share = (field: string, title: string): Json => ({
  field,
  type: 'quantitative',
  title,
  scale: { domain: [0, 1] },
})

/** Which curve a line is of; no legend for only one, whose name is in the title then. */
export const seriesColour = (names: readonly string[]): Json => ({
  field: 'series',
  type: 'nominal',
  title: null,
  scale: { domain: names, range: names.map((_, index) => colours[index % colours.length]) },
  ...(names.length === 1 ? { legend: null } : { legend: { orient: 'bottom', direction: 'vertical' } }),
})

/** Evenly spaced row numbers, at most `most` of them. */
export const sampleRows = (rows: number, most: number): number[] => {
  const count = Math.min(rows, most)
  return Array.from({ length: count }, (_, index) => Math.floor((index * rows) / count))
}

/** Throws a RangeError for nothing to draw, and for two series of one name. */
export const checkSeries = (names: readonly string[]): void => {
  if (names.length === 0) throw new RangeError('a plot needs at least one curve')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new RangeError(`two curves are called '${twice}'`)
}
