import { describe, expect, it } from 'vitest'
import { fit } from '../fit.ts'
import { createFrame, numericColumn } from '../frame.ts'
import { classTarget, numberTarget } from '../target.ts'
import { dummyRegressor } from './dummy/regressor.ts'
import { linearRegression } from './linear/linear-regression.ts'
import { listCoefficients } from './list-coefficients.ts'
import { logisticRegression } from './logistic/logistic-regression.ts'

const frame = createFrame({ size: numericColumn([0, 1, 2, 5]), age: numericColumn([1, 0, 3, 2]) })

describe('listCoefficients', () => {
  it('names the coefficients of a regression', () => {
    const model = fit(linearRegression(), { frame, target: numberTarget([1, 3, 2, 7]) })
    const [{ intercept, coefficients, label }] = listCoefficients(model)
    expect(label).toBeUndefined()
    expect(coefficients.map(({ name }) => name)).toEqual(['size', 'age'])
    const residuals = [1, 3, 2, 7].map((y, row) => {
      const [size, age] = [[0, 1, 2, 5][row], [1, 0, 3, 2][row]]
      return y - coefficients[0].value * size - coefficients[1].value * age - intercept
    })
    expect(residuals.reduce((sum, residual) => sum + residual, 0)).toBeCloseTo(0, 12)
  })

  it('has one function for two classes, else one for each', () => {
    const two = listCoefficients(
      fit(logisticRegression(), { frame, target: classTarget(['a', 'a', 'b', 'b']) }),
    )
    expect(two.map(({ label }) => label)).toEqual(['b'])
    expect(two[0].coefficients[0].value).toBeGreaterThan(0)
    const three = listCoefficients(fit(logisticRegression(), { frame, target: classTarget([1, 2, 3, 3]) }))
    expect(three.map(({ label }) => label)).toEqual([1, 2, 3])
    expect(three.reduce((sum, { coefficients }) => sum + coefficients[0].value, 0)).toBeCloseTo(0, 4)
  })

  it('refuses models that have none', () => {
    const model = fit(dummyRegressor(), { frame, target: numberTarget([1, 2, 3, 4]) })
    expect(() => listCoefficients(model)).toThrow("a model of kind 'dummyRegressor' has no coefficients")
  })
})
