import { numberTarget } from '@millrace/learn'
import { describe, expect, it } from 'vitest'
import { scoreIntervals } from './evaluation-intervals.ts'

const rows = 2000
/** Errors between -1 and 1, without order. */
const errors = Float64Array.from({ length: rows }, (_, at) => Math.sin(at * 12.9898) ** 3)
const prediction = { task: 'regression', values: errors } as const
const target = numberTarget(new Float64Array(rows))
const mean = errors.reduce((sum, error) => sum + Math.abs(error), 0) / rows
const deviation = Math.sqrt(
  errors.reduce((sum, error) => sum + (Math.abs(error) - mean) ** 2, 0) / (rows - 1),
)
const scores = { meanAbsoluteError: mean }

describe('scoreIntervals', () => {
  it('agrees with the standard error of a mean, again and again', () => {
    const found = scoreIntervals(prediction, target, scores)
    const { low, high, standardError } = found.metrics.meanAbsoluteError
    const expected = deviation / Math.sqrt(rows)
    expect(found).toMatchObject({ confidence: 0.95, resamples: 200, rows })
    expect(standardError / expected).toBeGreaterThan(0.85)
    expect(standardError / expected).toBeLessThan(1.15)
    expect((high - low) / (2 * 1.96 * expected)).toBeGreaterThan(0.8)
    expect((high - low) / (2 * 1.96 * expected)).toBeLessThan(1.2)
    expect(low < mean && mean < high).toBe(true)
    expect(scoreIntervals(prediction, target, scores)).toEqual(found)
  })

  it('says as much about all rows when it draws from a part of them', () => {
    const found = scoreIntervals(prediction, target, scores, 500)
    expect(found.rows).toBe(500)
    const ratio = found.metrics.meanAbsoluteError.standardError / (deviation / Math.sqrt(rows))
    expect(ratio).toBeGreaterThan(0.8)
    expect(ratio).toBeLessThan(1.2)
  })

  it('has none for what samples do not define', () => {
    const constant = numberTarget(new Float64Array(2).fill(1))
    const two = { task: 'regression', values: Float64Array.of(1, 2) } as const
    const { metrics } = scoreIntervals(two, constant, { r2: 0, meanAbsoluteError: 0.5 })
    expect(Object.keys(metrics)).toEqual(['meanAbsoluteError'])
  })
})
