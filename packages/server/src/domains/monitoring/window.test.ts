import { fitBins, fitCategories, profileCategorical, profileNumeric } from '@millrace/stats'
import { describe, expect, it } from 'vitest'
import { judgeDrift } from './drift.ts'
import { evaluateWindow, type Reference, type WindowRows } from './window.ts'

const drift = { alpha: 0.01, minEffect: 0.1, minRows: 100, windows: 1 }
const window = { start: 0, end: 86_400_000, modelVersions: ['m/1'] }

/** A spread of values in (0, 1) that needs no random numbers. */
function spread(rows: number, multiplier: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => ((i * multiplier) % 10_007) / 10_007)
}

function rowsOf(rows: number, shift: number): WindowRows {
  const probability = spread(rows, 7919)
  const label = Float64Array.from(probability, (p, i) => (((i * 104_729) % 10_007) / 10_007 < p ? 1 : 0))
  const codes = Int32Array.from({ length: rows }, (_, i) => i % 3)
  return {
    rows,
    probability,
    label,
    features: [
      { name: 'distance', kind: 'number', values: spread(rows, 1_299_709).map((v) => v + shift) },
      { name: 'carrier', kind: 'string', codes, dictionary: ['a', 'b', 'c'] },
    ],
  }
}

function referenceOf(rows: WindowRows): Reference {
  const distance = rows.features[0].kind === 'number' ? rows.features[0].values : new Float64Array()
  const carriers = Array.from({ length: rows.rows }, (_, i) => 'abc'[i % 3])
  return {
    columns: {
      distance: profileNumeric(distance, fitBins(distance, 10)),
      carrier: profileCategorical(carriers, fitCategories(carriers, 20)),
    },
    prediction: profileNumeric(rows.probability, fitBins(rows.probability, 10)),
  }
}

describe('evaluateWindow', () => {
  const reference = referenceOf(rowsOf(5000, 0))

  it('finds no drift in the same distribution and the shifted column in another', () => {
    const same = judgeDrift([evaluateWindow(window, rowsOf(700, 0), reference)], reference, drift)
    expect(same.map((d) => d.name).sort()).toEqual(['carrier', 'distance', 'prediction'])
    expect(same.filter((d) => d.drifted)).toEqual([])
    const shifted = judgeDrift([evaluateWindow(window, rowsOf(700, 0.5), reference)], reference, drift)
    expect(shifted.filter((d) => d.drifted).map((d) => d.name)).toEqual(['distance'])
  })

  it('watches predicted classes and numbers, whose labels are no flags', () => {
    const names = (every: number) =>
      Array.from({ length: 700 }, (_, i) => (i % every === 0 ? 'slow' : 'fast'))
    const classes = (every: number): WindowRows => ({
      ...rowsOf(700, 0),
      probability: new Float64Array(700).fill(Number.NaN),
      prediction: {
        name: 'prediction',
        kind: 'string',
        codes: Int32Array.from(names(every), (name) => Number(name === 'slow')),
        dictionary: ['fast', 'slow'],
      },
    })
    const known = { ...reference, prediction: profileCategorical(names(5), fitCategories(names(5), 20)) }
    const usual = evaluateWindow(window, classes(5), known)
    expect(usual).toMatchObject({
      requests: 700,
      labelled: 0,
      auc: null,
      logLoss: null,
      meanPrediction: null,
    })
    expect(judgeDrift([usual], known, drift).filter((d) => d.drifted)).toEqual([])
    const slower = judgeDrift([evaluateWindow(window, classes(2), known)], known, drift)
    expect(slower.flatMap((d) => (d.drifted ? [d.name] : []))).toEqual(['prediction'])

    const values = spread(700, 7919).map((value) => 100 * value)
    const numbers = { name: 'prediction', kind: 'number' as const, values }
    const measured = evaluateWindow(window, { ...classes(5), prediction: numbers }, reference)
    expect(measured.meanPrediction).toBeCloseTo(50, -1)
  })

  it('tests the last windows together, so that what alternates is no drift', () => {
    const [low, high] = [rowsOf(700, 0), rowsOf(700, 0)]
    const distances = spread(1400, 1_299_709).sort()
    low.features[0] = { name: 'distance', kind: 'number', values: distances.slice(0, 700) }
    high.features[0] = { name: 'distance', kind: 'number', values: distances.slice(700) }
    const windows = [low, high].map((rows) => evaluateWindow(window, rows, reference))
    const drifted = (some: typeof windows) =>
      judgeDrift(some, reference, { ...drift, windows: some.length }).flatMap((d) =>
        d.drifted ? [d.name] : [],
      )
    expect(drifted(windows.slice(0, 1))).toEqual(['distance'])
    expect(drifted(windows)).toEqual([])
    const other = { ...windows[0], modelVersions: ['m/2'] }
    expect(judgeDrift([other, windows[1]], reference, { ...drift, windows: 2 })).toEqual([])
    expect(judgeDrift(windows.slice(0, 1), reference, { ...drift, windows: 2 })).toEqual([])
  })

  it('measures only labelled rows and says how many those are', () => {
    const rows = rowsOf(700, 0)
    rows.label.fill(Number.NaN, 300)
    const result = evaluateWindow(window, rows, null)
    expect(result).toMatchObject({ requests: 700, labelled: 300, profiles: null })
    expect(result.auc).toBeGreaterThan(0.75)
    expect(result.calibration.labelled).toBe(300)
  })

  it('has no performance without labels or with one class, and nothing for an empty window', () => {
    const unlabelled = rowsOf(200, 0)
    unlabelled.label.fill(Number.NaN)
    expect(evaluateWindow(window, unlabelled, reference)).toMatchObject({
      auc: null,
      logLoss: null,
    })
    const oneClass = rowsOf(200, 0)
    oneClass.label.fill(1)
    expect(evaluateWindow(window, oneClass, reference).auc).toBeNull()
    const empty = evaluateWindow(window, rowsOf(0, 0), reference)
    expect(empty).toMatchObject({ requests: 0, labelled: 0, meanPrediction: null, profiles: null })
    expect(judgeDrift([empty], reference, drift)).toEqual([])
  })
})
