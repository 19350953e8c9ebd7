import { describe, expect, it } from 'vitest'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import { dummyClassifier } from '../learners/dummy/classifier.ts'
import { dummyRegressor } from '../learners/dummy/regressor.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { pipeline } from '../pipeline/spec.ts'
import { createRandom } from '../random.ts'
import { kFold, stratifiedKFold } from '../splits/k-fold.ts'
import { classTarget, numberTarget } from '../target.ts'
import { standardScale } from '../transformers/standard-scale.ts'
import { crossValidate, learningCurve, nestedCrossValidate } from '../validation/validate.ts'
import { crossValidateInThreads, learningCurveInThreads, nestedCrossValidateInThreads } from './index.ts'

const random = createRandom(3)
const rows = 300
const x = Array.from({ length: rows }, () => random.below(1000) / 100)
const z = Array.from({ length: rows }, () => random.below(1000) / 100)
const noise = Array.from({ length: rows }, () => random.below(100) / 50 - 1)
const weights = Float64Array.from(x, () => 1 + random.below(3))
const frame = createFrame({ x: numericColumn(x), z: numericColumn(z) })
const numbers = {
  frame,
  weights,
  target: numberTarget(x.map((value, row) => 3 * value - z[row] + noise[row])),
}
const spec = pipeline({ columns: [[{ kind: 'numeric' }, [standardScale()]]], learner: ridge() })
const folds = kFold({ nSplits: 4, shuffle: true, seed: 2 })

describe.each([1, 3])('in %i threads as in none', (threads) => {
  it('cross-validation', async () => {
    const options = { splits: folds, trainScores: true }
    const found = await crossValidateInThreads(spec, numbers, { ...options, threads })
    expect(found).toEqual(crossValidate(spec, numbers, options))
    expect(found.summary.r2.mean).toBeGreaterThan(0.95)
  })

  it('nested cross-validation', async () => {
    const specs = [dummyRegressor(), ridge({ alpha: 1e6 }), ridge({ alpha: 1 })]
    const options = { outer: folds, inner: kFold({ nSplits: 3 }), chooseBy: 'rootMeanSquaredError' }
    const found = await nestedCrossValidateInThreads(specs, numbers, { ...options, threads })
    expect(found).toEqual(nestedCrossValidate(specs, numbers, options))
    expect(found.folds.map(({ chosen }) => chosen)).toEqual([2, 2, 2, 2])
  })

  it('learning curve', async () => {
    const options = { splits: folds, trainSizes: [0.2, 1] }
    const found = await learningCurveInThreads(ridge(), numbers, { ...options, threads })
    expect(found).toEqual(learningCurve(ridge(), numbers, options))
  })
})

describe('crossValidateInThreads', () => {
  const classes = {
    frame: createFrame({ city: categoricalColumn(x.map((value) => (value > 5 ? 'a' : 'b'))) }),
    target: classTarget(x.map((value) => value > 3)),
  }

  it('reports each fit', async () => {
    const seen: string[] = []
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`)
    const options = { splits: stratifiedKFold({ nSplits: 3 }), threads: 2, onProgress }
    await crossValidateInThreads(dummyClassifier(), classes, options)
    expect(seen).toEqual(['1/3', '2/3', '3/3'])
  })

  it('rejects with what the learner throws', async () => {
    const given = crossValidateInThreads(ridge(), classes, { splits: stratifiedKFold(), threads: 2 })
    await expect(given).rejects.toThrow('ridge')
  })

  it('stops when aborted', async () => {
    const controller = new AbortController()
    const options = {
      splits: kFold({ nSplits: 20 }),
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    }
    await expect(crossValidateInThreads(spec, numbers, options)).rejects.toThrow('enough')
    await expect(crossValidateInThreads(spec, numbers, options)).rejects.toThrow('enough')
  })
})
