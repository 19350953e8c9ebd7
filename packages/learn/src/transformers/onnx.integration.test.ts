import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classTarget, numberTarget, type Target } from '../target.ts'
import { freshRows, type RandomRow, toFrame, trainingRows } from '../testing/random-frames.ts'
import { type TransformerCase, transformerCases } from '../testing/transformer-cases.ts'
import { listColumns, transformInOnnx } from '../testing/transformers.ts'
import { fitTransform, transform } from '../transform-with.ts'

const pickKinds = (rows: readonly RandomRow[], { spec, kinds }: TransformerCase) => {
  const frame = toFrame(
    spec.kind === 'log1p'
      ? rows.map(({ x, y, z, ...others }) => ({ ...others, x: abs(x), y: abs(y), z: abs(z) }))
      : rows,
  )
  return {
    rows: frame.rows,
    columns: Object.fromEntries(Object.entries(frame.columns).filter(([, { kind }]) => kinds.includes(kind))),
  }
}
const abs = (value: number | null): number | null => (value === null ? null : Math.abs(value))

const targets: readonly ((rows: number) => Target)[] = [
  (rows) => numberTarget(Array.from({ length: rows }, (_, row) => (row * row) % 7)),
  (rows) => classTarget(Array.from({ length: rows }, (_, row) => row % 3 > 0)),
  (rows) => classTarget(Array.from({ length: rows }, (_, row) => `c${row % 3}`)),
]

/** The sign of zero is left to either side: where a bound is -0, both may choose. */
const roundings = (actual: number | string, expected: number | string, near: boolean | undefined): boolean =>
  actual === expected ||
  Object.is(actual, expected) ||
  (near === true &&
    Math.abs(Number(actual) - Number(expected)) <= 2e-7 * Math.max(1, Math.abs(Number(expected))))

describe('every transformer', () => {
  it.each(transformerCases)(
    'gives the same bits in ONNX Runtime: $spec.kind $spec.options',
    async (given) => {
      await fc.assert(
        fc.asyncProperty(
          trainingRows(6, 40),
          freshRows(20),
          fc.constantFrom(...targets),
          async (training, fresh, makeTarget) => {
            const frame = pickKinds(training, given)
            const { fitted } = fitTransform(given.spec, { frame, target: makeTarget(frame.rows) })
            for (const part of [frame, pickKinds(fresh, given)]) {
              const ours = listColumns(transform(fitted, part))
              const theirs = await transformInOnnx(fitted, part)
              expect(Object.keys(theirs)).toEqual(Object.keys(ours))
              for (const [name, values] of Object.entries(ours))
                values.forEach((value, row) => {
                  if (!roundings(theirs[name][row], value, given.near))
                    expect.fail(`${name}, row ${row}: ${theirs[name][row]} in ONNX Runtime, ${value} here`)
                })
            }
          },
        ),
        { numRuns: 25 },
      )
    },
  )
})
