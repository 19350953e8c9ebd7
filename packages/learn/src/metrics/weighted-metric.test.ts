import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classTarget, numberTarget } from '../target.ts'
import { toEvaluationRows } from './evaluation-rows.ts'
import type { EvaluationRows } from './metric.ts'
import { metricKinds } from './metric-kinds.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

const count = 24
const random = fc.record({
  codes: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: count, maxLength: count }),
  // Eighths, so that there are ties and exact sums.
  eighths: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: count, maxLength: count }),
  // Of queries of four rows.
  weights: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: count / 4, maxLength: count / 4 }),
})

type Rows = typeof random extends fc.Arbitrary<infer T> ? T : never

const queries = Array.from({ length: count }, (_, row) => row >> 2)
const rowsOf: Readonly<Record<string, (rows: Rows) => EvaluationRows>> = {
  'two classes': ({ codes, eighths }) =>
    toEvaluationRows(
      {
        task: 'classification',
        classes: ['no', 'yes'],
        probabilities: Float64Array.from(eighths.flatMap((value) => [1 - value / 8, value / 8])),
      },
      classTarget(codes.map((code) => (code ? 'yes' : 'no'))),
      { queries },
    ),
  'three classes': ({ codes, eighths }) =>
    toEvaluationRows(
      {
        task: 'classification',
        classes: ['a', 'b', 'c'],
        probabilities: Float64Array.from(eighths.flatMap((value) => [value / 16, value / 16, 1 - value / 8])),
      },
      classTarget(codes.map((code) => ['a', 'b', 'c'][code])),
      { queries },
    ),
  numbers: ({ codes, eighths }) =>
    toEvaluationRows(
      { task: 'regression', values: Float64Array.from(eighths, (value) => value / 4) },
      numberTarget(codes),
      { queries },
    ),
}

const valueOrUndefined = (compute: () => number): number | undefined => {
  try {
    return compute()
  } catch (error) {
    if (error instanceof UndefinedMetricError) return undefined
    throw error
  }
}

describe.each(Object.entries(rowsOf))('metrics of %s', (_, makeRows) => {
  const refuses = (kind: string): boolean => {
    const rows = makeRows({
      codes: queries.map((query) => query % 3),
      eighths: queries.map(() => 1),
      weights: [],
    })
    try {
      metricKinds.get(kind)?.compute(rows, {})
    } catch (error) {
      return error instanceof TypeError
    }
    return false
  }
  const applicable = [...metricKinds.values()].filter(({ kind }) => !refuses(kind))

  it('are the same for weights that come later', () => {
    expect(applicable.length).toBeGreaterThanOrEqual(9)
    fc.assert(
      fc.property(random, (given) => {
        const weights = Float64Array.from(queries, (query) => given.weights[query])
        fc.pre(weights.some((weight) => weight > 0))
        const rows = makeRows(given)
        for (const { kind, compute, prepare } of applicable) {
          const options = [
            {},
            ...(kind === 'rocAuc' ? [{ multiClass: 'ovo' }, { average: 'weighted' }] : []),
            ...(kind === 'expectedCalibrationError' ? [{ strategy: 'quantile', bins: 4 }] : []),
          ]
          for (const option of options) {
            const expected = valueOrUndefined(() => compute({ ...rows, weights }, option))
            const found = valueOrUndefined(() => prepare(rows, option)(weights))
            expect([kind, found]).toEqual([
              kind,
              expected === undefined ? undefined : expect.closeTo(expected, 12),
            ])
          }
        }
      }),
      { numRuns: 40 },
    )
  })
})
