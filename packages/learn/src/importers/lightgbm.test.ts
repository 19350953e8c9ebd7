import { describe, expect, it } from 'vitest'
import { predict } from '../fit.ts'
import { categoricalColumn, createFrame, type Frame, numericColumn } from '../frame.ts'
import type { Model } from '../model.ts'
import { relativeError, valuesOf } from '../testing/frames.ts'
import golden from './fixtures/lightgbm.json' with { type: 'json' }
import { importLightgbm } from './lightgbm.ts'

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

const predictAsLightgbm = (one: Case, model: Model): ArrayLike<number> => {
  const prediction = predict(model, toFrame(one, model))
  if (prediction.task !== 'classification') return valuesOf(prediction)
  const { probabilities, classes } = prediction
  return classes.length > 2 ? probabilities : probabilities.filter((_, index) => index % 2 === 1)
}

describe('importLightgbm', () => {
  it.each(golden.cases)('predicts as LightGBM: $name', (one) => {
    expect(relativeError(predictAsLightgbm(one, importLightgbm(one.text)), one.prediction)).toBeLessThan(1e-6)
  })

  it('refuses linear trees by name', () => {
    expect(() => importLightgbm(golden.linear)).toThrow('linear_tree')
  })
})
