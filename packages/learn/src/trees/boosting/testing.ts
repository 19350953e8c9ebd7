import { fit } from '../../fit.ts'
import { categoricalColumn, createFrame, type Frame, numericColumn } from '../../frame.ts'
import {
  type GradientBoostingRegressorModel,
  type GradientBoostingRegressorOptions,
  gradientBoostingRegressor,
} from '../../learners/gradient-boosting/regressor.ts'
import { createRandom } from '../../random.ts'
import { numberTarget } from '../../target.ts'

/** One tree that takes the whole step, with nothing in its way. */
export const one: GradientBoostingRegressorOptions = {
  nEstimators: 1,
  learningRate: 1,
  minSamplesLeaf: 1,
  catSmooth: 0,
  catL2: 0,
}
export const regress = (
  frame: Frame,
  numbers: readonly number[],
  options: GradientBoostingRegressorOptions = one,
) =>
  fit(gradientBoostingRegressor(options), {
    frame,
    target: numberTarget(numbers),
  }) as GradientBoostingRegressorModel

/** Numbers with gaps, and categories, that say something about a number and two classes. */
export const makeData = (rows: number, seed = 1) => {
  const random = createRandom(seed)
  const a = Array.from({ length: rows }, () => (random.below(8) === 0 ? null : random.below(40)))
  const b = Array.from({ length: rows }, () => random.below(1000) / 8)
  const city = Array.from({ length: rows }, () => (random.below(9) === 0 ? null : `city ${random.below(12)}`))
  const numbers = a.map(
    (value, row) => (value ?? 25) / 10 + (city[row] === 'city 3' ? 2 : 0) + random.below(100) / 50,
  )
  const frame = createFrame({ a: numericColumn(a), b: numericColumn(b), city: categoricalColumn(city) })
  return { frame, numbers, labels: numbers.map((value) => (value > 3.5 ? 'high' : 'low')) }
}
