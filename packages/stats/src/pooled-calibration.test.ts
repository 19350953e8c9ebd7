import { describe, expect, it } from 'vitest'
import { calibrationInTheLarge } from './calibration.ts'
import { pooledCalibration } from './pooled-calibration.ts'

describe('pooledCalibration', () => {
  it('is the plain test for one window', () => {
    const labels = [1, 0, 0, 1, 1, 0, 0, 0]
    const probabilities = [0.7, 0.2, 0.4, 0.6, 0.3, 0.1, 0.2, 0.5]
    const plain = calibrationInTheLarge(labels, probabilities)
    const pooled = pooledCalibration([
      { labelled: 8, observed: 3, expected: 3, variance: probabilities.reduce((s, p) => s + p * (1 - p), 0) },
    ])
    expect(pooled.z).toBeCloseTo(-plain.z, 12)
    expect(pooled.overdispersion).toBe(1)
  })

  it('widens when windows swing together with their rows', () => {
    const steady = [0, 1, 2, 3].map(() => ({ labelled: 1000, observed: 180, expected: 200, variance: 160 }))
    const swinging = [80, 280, 100, 260].map((observed) => ({
      labelled: 1000,
      observed,
      expected: 200,
      variance: 160,
    }))
    expect(pooledCalibration(steady).pValue).toBeLessThan(0.01)
    expect(pooledCalibration(swinging).overdispersion).toBeGreaterThan(50)
    expect(pooledCalibration(swinging).pValue).toBeGreaterThan(0.5)
    expect(pooledCalibration(swinging).gap).toBeCloseTo(0.02, 12)
  })

  it('ignores windows without labels and refuses to judge none', () => {
    const one = { labelled: 10, observed: 1, expected: 2, variance: 1.6 }
    const none = { labelled: 0, observed: 0, expected: 0, variance: 0 }
    expect(pooledCalibration([none, one, none])).toEqual(pooledCalibration([one]))
    expect(() => pooledCalibration([none])).toThrow(RangeError)
  })
})
