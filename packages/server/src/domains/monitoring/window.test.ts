import { fitBins, fitCategories, profileCategorical, profileNumeric } from '@millrace/stats'
import { describe, expect, it } from 'vitest'
import { evaluateWindow, type Reference, type WindowRows } from './window.ts'

const drift = { alpha: 0.01, minEffect: 0.1, minRows: 100 }
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
    const same = evaluateWindow(window, rowsOf(700, 0), { reference, drift })
    expect(same.drift.map((d) => d.name).sort()).toEqual(['carrier', 'distance', 'prediction'])
    expect(same.drift.filter((d) => d.drifted)).toEqual([])
    const shifted = evaluateWindow(window, rowsOf(700, 0.5), { reference, drift })
    expect(shifted.drift.filter((d) => d.drifted).map((d) => d.name)).toEqual(['distance'])
  })

  it('measures only labelled rows and says how many those are', () => {
    const rows = rowsOf(700, 0)
    rows.label.fill(Number.NaN, 300)
    const result = evaluateWindow(window, rows, { reference: null, drift })
    expect(result).toMatchObject({ requests: 700, labelled: 300, drift: [] })
    expect(result.auc).toBeGreaterThan(0.75)
    expect(result.calibration.labelled).toBe(300)
  })

  it('has no performance without labels or with one class, and nothing for an empty window', () => {
    const unlabelled = rowsOf(200, 0)
    unlabelled.label.fill(Number.NaN)
    expect(evaluateWindow(window, unlabelled, { reference, drift })).toMatchObject({
      auc: null,
      logLoss: null,
    })
    const oneClass = rowsOf(200, 0)
    oneClass.label.fill(1)
    expect(evaluateWindow(window, oneClass, { reference, drift }).auc).toBeNull()
    const empty = evaluateWindow(window, rowsOf(0, 0), { reference, drift })
    expect(empty).toMatchObject({ requests: 0, labelled: 0, meanPrediction: null, drift: [] })
  })
})
