import { expect, it } from 'vitest'
import { fit } from '../fit.ts'
import { createFrame, numericColumn } from '../frame.ts'
import { gradientBoostingRegressor } from '../learners/gradient-boosting/regressor.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { pipeline } from '../pipeline/spec.ts'
import { numberTarget } from '../target.ts'
import { standardScale } from '../transformers/standard-scale.ts'
import { gainImportances } from './gain-importances.ts'

const rows = Array.from({ length: 200 }, (_, row) => row)
const frame = createFrame({
  noise: numericColumn(rows.map((row) => (row * 37) % 11)),
  constant: numericColumn(rows.map(() => 1)),
  cause: numericColumn(rows.map((row) => (row * 53) % 97)),
})
const data = { frame, target: numberTarget(rows.map((row) => 3 * ((row * 53) % 97))) }
const learner = gradientBoostingRegressor({ nEstimators: 5 })

it('gives shares, the largest first, also through a pipeline', () => {
  const importances = gainImportances(fit(learner, data)) ?? []
  expect(importances[0]).toEqual({ name: 'cause', importance: expect.closeTo(1, 1) })
  expect(importances.find(({ name }) => name === 'constant')?.importance).toBe(0)
  expect(importances.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 12)
  const piped = pipeline({ columns: [['cause', [standardScale()]]], rest: 'drop', learner })
  expect(gainImportances(fit(piped, data))).toEqual([{ name: 'cause', importance: 1 }])
})

it('is nothing for models without trees', () => {
  expect(gainImportances(fit(ridge(), data))).toBeUndefined()
})
