import { describe, expect, it } from 'vitest'
import { predict } from '../fit.ts'
import { categoricalColumn, createFrame, type Frame, numericColumn } from '../frame.ts'
import type { Model } from '../model.ts'
import { classesOf, frameOf, relativeError, valuesOf } from '../testing/frames.ts'
import golden from './fixtures/xgboost.json' with { type: 'json' }
import { importXgboost } from './xgboost.ts'

type Case = (typeof golden.cases)[number]

const toFrame = (one: Case, { inputs }: Model): Frame =>
  createFrame(
    Object.fromEntries(
      inputs.map(({ name }, column) => [
        name,
        one.cities && column === one.rows[0].length
          ? categoricalColumn(one.cities)
          : numericColumn(one.rows.map((row) => row[column])),
      ]),
    ),
  )

/** What XGBoost's `predict` gives. */
const predictAsXgboost = (one: Case, model: Model): ArrayLike<number> => {
  const prediction = predict(model, toFrame(one, model))
  if (prediction.task !== 'classification') return valuesOf(prediction)
  const { probabilities, classes } = prediction
  if (one.name === 'multi:softmax')
    return one.prediction.map((_, row) => {
      const shares = probabilities.slice(row * 3, row * 3 + 3)
      return shares.indexOf(Math.max(...shares))
    })
  return classes.length > 2 ? probabilities : probabilities.filter((_, index) => index % 2 === 1)
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

describe('importXgboost', () => {
  it.each(golden.cases)('predicts as XGBoost: $name', (one) => {
    expect(relativeError(predictAsXgboost(one, importXgboost(one.json)), one.prediction)).toBeLessThan(1e-6)
  })

  it.each(golden.cases.filter(({ ubj }) => ubj))('reads the same from UBJSON: $name', (one) => {
    expect(importXgboost(fromBase64(one.ubj ?? ''))).toEqual(importXgboost(one.json))
  })

  it('uses the rounds that it is told to', () => {
    const { json, rows, prediction, rounds, best } = golden.stopped
    const stopped = importXgboost(json, { rounds: 'best' })
    expect(stopped).toEqual(importXgboost(json, { rounds: best }))
    expect(importXgboost(json)).toEqual(importXgboost(json, { rounds }))
    const frame = frameOf(rows)
    const named = importXgboost(json, { rounds: 'best', features: Object.keys(frame.columns) })
    const { probabilities } = classesOf(predict(named, frame))
    expect(
      relativeError(
        probabilities.filter((_, index) => index % 2 === 1),
        prediction,
      ),
    ).toBeLessThan(1e-6)
    expect(() => importXgboost(json, { rounds: rounds + 1 })).toThrow(`an integer from 1 to ${rounds}`)
    expect(() => importXgboost(golden.cases[0].json, { rounds: 'best' })).toThrow('no best_iteration')
  })
})
