import { describe, expect, it } from 'vitest'
import { fit, predict } from '../fit.ts'
import { booleanColumn, createFrame, type Frame, numericColumn } from '../frame.ts'
import { learnerKinds } from '../learners.ts'
import type { Model, Prediction } from '../model.ts'
import { modelFromBytes, modelToBytes } from '../saving/model-bytes.ts'
import { takeRows } from '../take-rows.ts'
import { learnerCases, numbersOf, titleOf } from '../testing/learner-cases.ts'
import { expectOnnxParity } from '../testing/onnx-parity.ts'

const expectSame = (actual: Prediction, expected: Prediction): void => {
  const [a, b] = [numbersOf(actual), numbersOf(expected)]
  expect(a).toHaveLength(b.length)
  for (let at = 0; at < b.length; at += 1) expect(a[at]).toBeCloseTo(b[at], 6)
}

const reverseColumns = (given: Frame): Frame =>
  createFrame(Object.fromEntries(Object.entries(given.columns).reverse()))

/** The numbers of each column put through a function that keeps their order and is not linear. */
const bend = (given: Frame): Frame =>
  createFrame(
    Object.fromEntries(
      Object.entries(given.columns).map(([name, column]) => [
        name,
        column.kind === 'numeric'
          ? numericColumn(Array.from(column.values, (value) => value ** 3 / 8 + value - 100))
          : column,
      ]),
    ),
  )

it('every learner that can be fitted is among the cases', () => {
  const covered = new Set(learnerCases.map(({ spec }) => spec.kind))
  const left = [...learnerKinds.keys()].filter((kind) => !covered.has(kind))
  expect(left).toEqual(['treeEnsembleClassifier', 'treeEnsembleRegressor'])
})

describe.each(learnerCases.map((one) => [titleOf(one), one] as const))('%s', (_, { spec, data, traits }) => {
  const model = fit(JSON.parse(JSON.stringify(spec)), data)
  const rows = Array.from({ length: data.frame.rows }, (__, row) => row)

  it('predicts finite numbers, and the same ones from a file', () => {
    const prediction = predict(model, data.frame)
    expect(Array.from(numbersOf(prediction)).every(Number.isFinite)).toBe(true)
    const bytes = modelToBytes(model)
    const loaded = modelFromBytes(bytes)
    expect(modelToBytes(loaded)).toEqual(bytes)
    expect(predict(loaded, data.frame)).toEqual(prediction)
    expect(modelToBytes(fit(spec, data))).toEqual(bytes)
  })

  if (traits.ignoresColumnOrder)
    it('does not depend on the order of columns', () => {
      const other = fit(spec, { ...data, frame: reverseColumns(data.frame) })
      expectSame(predict(other, data.frame), predict(model, reverseColumns(data.frame)))
    })

  if (traits.ignoresRowOrder)
    it('does not depend on the order of rows', () => {
      const turned = fit(spec, takeRows(data, rows.toReversed()))
      expectSame(predict(turned, data.frame), predict(model, data.frame))
    })

  if (traits.ignoresScale)
    it('does not depend on the scale of columns, only on their order', () => {
      const frame = bend(data.frame)
      expect(numbersOf(predict(fit(spec, { ...data, frame }), frame))).toEqual(
        numbersOf(predict(model, data.frame)),
      )
    })

  if (traits.takesWeights)
    it('takes a weight of 2 for the row twice', () => {
      const weights = Float64Array.from(rows, (row) => 1 + (row % 3))
      const repeated = rows.flatMap((row) => new Array<number>(weights[row]).fill(row))
      const weighted = fit(spec, { ...data, weights })
      expectSame(predict(weighted, data.frame), predict(fit(spec, takeRows(data, repeated)), data.frame))
    })

  it('is the same in ONNX', async () => {
    await expectOnnxParity(model, data.frame)
  })

  if (traits.hasSteps)
    it('stops between two steps when it is told to', () => {
      let calls = 0
      const throwIfAborted = (): void => {
        calls += 1
        if (calls > 1) throw new Error('stopped')
      }
      expect(() => fit(spec, data, { signal: { throwIfAborted } })).toThrow('stopped')
    })

  it('predicts no rows', () => {
    const none = takeRows(data, []).frame
    expect(numbersOf(predict(model, none))).toHaveLength(0)
  })

  it('refuses an empty frame, infinite numbers, columns of another kind or missing ones', () => {
    expect(() => fit(spec, takeRows(data, []))).toThrow('is empty')
    const [first] = Object.keys(data.frame.columns)
    const others = Object.fromEntries(Object.entries(data.frame.columns).slice(1))
    expect(() => predict(model, createFrame(others))).toThrow(`lacks column '${first}'`)
    const wrong = { ...data.frame.columns, [first]: booleanColumn(rows.map(() => true)) }
    expect(() => predict(model, createFrame(wrong))).toThrow(`column '${first}' is boolean`)
    const infinite = { ...others, size: numericColumn(rows.map(() => Infinity)) }
    expect(() => fit(spec, { ...data, frame: createFrame(infinite) })).toThrow("'size' is infinite")
  })

  it('refuses a file that lacks a part, or has another in its place', () => {
    const harmless = ['iterations', 'converged', 'inertia']
    for (const part of Object.keys(model).filter((key) => !harmless.includes(key)))
      for (const instead of [
        undefined,
        Number.NaN,
        'text',
        {},
        [null],
        ...(part === 'drawSeed' ? [] : [null]),
      ]) {
        const broken = { ...model, [part]: instead } as Model
        expect(() => modelFromBytes(modelToBytes(broken)), `${part} = ${JSON.stringify(instead)}`).toThrow(
          RangeError,
        )
      }
  })
})
