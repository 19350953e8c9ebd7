import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TrainingData } from '../learner.ts'
import { takeRows } from '../take-rows.ts'
import { numberTarget } from '../target.ts'
import { toFrame, trainingRows } from '../testing/random-frames.ts'
import { type TransformerCase, transformerCases } from '../testing/transformer-cases.ts'
import { listColumns } from '../testing/transformers.ts'
import { fitTransform, transform } from '../transform-with.ts'

const makeData = (
  rows: number,
  given: ReturnType<typeof toFrame>,
  { spec, kinds }: TransformerCase,
): TrainingData => {
  const columns = Object.entries(given.columns).filter(([, { kind }]) => kinds.includes(kind))
  const positive = columns.map(([name, column]) =>
    spec.kind === 'log1p' && column.kind === 'numeric'
      ? ([name, { ...column, values: column.values.map(Math.abs) }] as const)
      : ([name, column] as const),
  )
  const target = numberTarget(Array.from({ length: rows }, (_, row) => (row * row) % 7))
  return { frame: { rows, columns: Object.fromEntries(positive) }, target }
}

/** Sums of the same numbers in another order may differ by their rounding. */
const expectNear = (actual: Record<string, (number | string)[]>, expected: typeof actual): void => {
  expect(Object.keys(actual)).toEqual(Object.keys(expected))
  for (const [name, values] of Object.entries(expected))
    values.forEach((value, row) => {
      const other = actual[name][row]
      const isSame =
        Object.is(value, other) ||
        value === other ||
        Math.abs(Number(value) - Number(other)) <= 1e-5 * Math.max(1, Math.abs(Number(value)))
      if (!isSame) expect.fail(`${name}, row ${row}: ${other} instead of ${value}`)
    })
}

describe('every transformer', () => {
  it.each(transformerCases)('takes a weight of 2 for the row twice, in any order: $spec.kind', (given) => {
    fc.assert(
      fc.property(
        trainingRows(8, 30),
        fc.array(fc.nat(3), { minLength: 30, maxLength: 30 }),
        (rows, counts) => {
          const data = makeData(rows.length, toFrame(rows), given)
          const weights = Float64Array.from(rows, (_, row) => (row === 0 ? 1 : counts[row]))
          const repeated = Array.from(weights.keys())
            .flatMap((row) => new Array<number>(weights[row]).fill(row))
            .reverse()
          fc.pre(repeated.length >= 5)
          const weighted = fitTransform(given.spec, { ...data, weights }).fitted
          const twice = fitTransform(given.spec, takeRows(data, repeated)).fitted
          expectNear(listColumns(transform(twice, data.frame)), listColumns(transform(weighted, data.frame)))
        },
      ),
      { numRuns: 40 },
    )
  })
})
