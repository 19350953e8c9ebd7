import { describe, expect, it } from 'vitest'
import { type DriftColumn, type DriftOptions, detectDrift } from './drift.ts'
import { createDriftColumns } from './testing/drift-columns.ts'
import { createUniform } from './testing/samples.ts'

const { numericColumn, categoricalColumn } = createDriftColumns(createUniform(20260701))

function shareOfWindows(windows: number, draw: () => DriftColumn[], options: DriftOptions): number {
  let alarms = 0
  for (let i = 0; i < windows; i++) {
    if (detectDrift(draw(), options).some((column) => column.drifted)) alarms++
  }
  return alarms / windows
}

describe('detectDrift over many windows', () => {
  // 600 windows at a true rate of 0.05 have a standard error of 0.009: the tolerance is three of them.
  it.each([
    ['a reference of the same size', [200, 200]],
    ['a large reference', [5000, 150]],
    ['a small reference', [200, 2000]],
  ] as [string, [number, number]][])('raises false alarms at rate alpha only, with %s', (_, rows) => {
    const draw = (): DriftColumn[] => [
      numericColumn('n1', rows),
      numericColumn('n2', rows),
      categoricalColumn('c1', rows),
      categoricalColumn('c2', rows),
    ]
    expect(shareOfWindows(600, draw, { alpha: 0.05, minEffect: 0 })).toBeLessThanOrEqual(0.05 + 0.027)
  })

  it('raises almost none with the default smallest effect', () => {
    const draw = (): DriftColumn[] => [numericColumn('n', [300, 300]), categoricalColumn('c', [300, 300])]
    expect(shareOfWindows(300, draw, {})).toBeLessThanOrEqual(0.05)
  })

  it('finds a shift of half a deviation at 300 rows', () => {
    const draw = (): DriftColumn[] => [
      numericColumn('shifted', [300, 300], 0.5),
      ...['u', 'v', 'w', 'x'].map((name) => numericColumn(name, [300, 300])),
    ]
    expect(shareOfWindows(200, draw, {})).toBeGreaterThanOrEqual(0.9)
  })
})
