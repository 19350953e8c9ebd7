import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  averagePrecision,
  calibrationCurve,
  categoricalColumn,
  confusionMatrix,
  createFrame,
  numericColumn,
  type PlotSpec,
  plotCalibration,
  plotConfusion,
  plotImportance,
  plotLearningCurve,
  plotPartialDependence,
  plotPrecisionRecall,
  plotResiduals,
  plotRoc,
  plotShapSummary,
  precisionRecallCurve,
  rocAuc,
  rocCurve,
} from '@millrace/learn'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { beforeAll, describe, expect, it } from 'vitest'
import { renderPlot } from './render-plot.ts'

const rows = Array.from({ length: 200 }, (_, row) => row)
const labels = rows.map((row) => ((row * 7) % 3 === 0 ? 1 : 0))
const probabilities = rows.map((row) => Math.abs(Math.sin(row + 2 * labels[row])))
const numbers = rows.map((row) => Math.cos(row) * 9)
const named = { name: 'a <b> & "c"' }
const roc = { ...named, curve: rocCurve(labels, probabilities), auc: rocAuc(labels, probabilities) }
const precisionRecall = {
  ...named,
  curve: precisionRecallCurve(labels, probabilities),
  averagePrecision: averagePrecision(labels, probabilities),
}
const calibration = { ...named, bins: calibrationCurve(labels, probabilities) }
const other = { name: 'another' }
const summary = (mean: number) => ({ loss: { mean, standardDeviation: 0.1, folds: 3 } })
const frame = createFrame({
  'a.b[c]': numericColumn(numbers.map((value, row) => (row % 9 === 0 ? null : value))),
  city: categoricalColumn(rows.map((row) => ['x', 'y'][row % 2])),
})
const dependence = (kind: 'numeric' | 'timestamp' | 'categorical', grid: (number | string)[]) => ({
  columns: ["it's"],
  kinds: [kind],
  grid: [grid],
  average: Float64Array.from(grid, (_, index) => index),
})

const plots: Record<string, PlotSpec> = {
  'one ROC': plotRoc([roc]),
  'two ROC': plotRoc([roc, { ...roc, ...other }]),
  'precision and recall': plotPrecisionRecall([precisionRecall, { ...precisionRecall, ...other }], {
    positiveShare: 1 / 3,
  }),
  calibration: plotCalibration([calibration, { ...calibration, ...other }]),
  confusion: plotConfusion(confusionMatrix(labels, labels), [false, true]),
  'confusion of many': plotConfusion(
    confusionMatrix(
      rows.map((row) => row % 20),
      rows.map((row) => row % 19),
    ),
    Array.from({ length: 20 }, (_, code) => `class ${code}`),
  ),
  importance: plotImportance([
    { name: 'a', value: 3, standardDeviation: 1 },
    { name: "b's", value: -1, standardDeviation: 0.5 },
  ]),
  SHAP: plotShapSummary(
    {
      features: ['a.b[c]', 'city'],
      outputs: [null],
      link: 'identity',
      base: Float64Array.of(0),
      values: Float64Array.from({ length: 400 }, (_, at) => Math.sin(at)),
    },
    frame,
  ),
  residuals: plotResiduals(numbers, probabilities, { unit: 'min' }),
  'learning curve': plotLearningCurve(
    [10, 20].map((trainRows) => ({ trainRows, folds: [], test: summary(2), train: summary(1) })),
    'loss',
  ),
  'partial dependence on numbers': plotPartialDependence({
    ...dependence('numeric', [1, 2, 4]),
    individual: Float64Array.of(1, 2, 3, 2, 3, 4),
  }),
  'partial dependence on times': plotPartialDependence(dependence('timestamp', [0, 86_400_000])),
  'partial dependence on categories': plotPartialDependence(dependence('categorical', ['x', 'y'])),
  'partial dependence on two': plotPartialDependence({
    columns: ['city', 'x'],
    kinds: ['categorical', 'numeric'],
    grid: [
      ['x', 'y'],
      [1, 2, 4],
    ],
    average: Float64Array.of(1, 2, 3, 4, 5, 6),
  }),
}

/** Throws unless every element is closed in order and every & begins a reference. */
const checkWellFormed = (xml: string): void => {
  const open: string[] = []
  const tag = /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g
  const rest = xml.replace(tag, (_, closing: string, name: string, _attributes: string, empty: string) => {
    if (closing !== '') expect(open.pop()).toBe(name)
    else if (empty === '') open.push(name)
    return ''
  })
  expect(open).toEqual([])
  expect(rest).not.toMatch(/[<>]/)
  expect(xml.replace(/&(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);/gi, '')).not.toContain('&')
}

let isVegaLite: (plot: unknown) => boolean
let problems: () => unknown

beforeAll(() => {
  const path = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json')
  const ajv = new Ajv({ strict: false, allErrors: false })
  addFormats.default(ajv)
  ajv.addFormat('color-hex', /^#([\da-f]{3}|[\da-f]{6})$/i)
  const validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')))
  isVegaLite = (plot) => validate(plot)
  problems = () => validate.errors
}, 60_000)

describe.each(Object.keys(plots))('%s', (name) => {
  it('is Vega-Lite 6', () => {
    const plot = JSON.parse(JSON.stringify(plots[name]))
    expect([isVegaLite(plot), problems()]).toEqual([true, null])
    expect(isVegaLite({ ...plot, layer: [{ mark: 'cake' }] })).toBe(false)
  })

  it('is drawn as SVG with an axis or two, without NaN', async () => {
    const svg = await renderPlot(plots[name])
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    checkWellFormed(svg)
    expect(svg).toContain('role-axis')
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  })
})

it('draws names as text only', async () => {
  const svg = await renderPlot(
    plotImportance([{ name: '<script>alert(1)</script>', value: 1 }], { title: 'a & b' }),
  )
  expect(svg).toContain('a &amp; b')
  expect(svg).not.toContain('<script')
})

it('loads nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-plot-'))
  try {
    const path = join(folder, 'data.json')
    writeFileSync(path, JSON.stringify([{ name: 'from the file', value: 1 }]))
    const plot = { ...plotImportance([{ name: 'a', value: 1 }]), data: { url: path } }
    expect(await renderPlot(plot)).not.toContain('from the file')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
