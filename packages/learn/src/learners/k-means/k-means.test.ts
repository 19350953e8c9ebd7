import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit, predict } from '../../fit.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { frameOf, relativeError } from '../../testing/frames.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import fixture from './fixtures/k-means.json' with { type: 'json' }
import { type KMeansModel, type KMeansOptions, kMeans } from './k-means.ts'

const fitKMeans = (
  options: KMeansOptions,
  x: readonly (readonly number[])[],
  weights?: readonly number[] | null,
): KMeansModel =>
  fit(kMeans(options), {
    frame: frameOf(x),
    ...(weights && { weights: Float64Array.from(weights) }),
  }) as KMeansModel

describe('kMeans', () => {
  it.each(fixture.cases.map((golden) => [golden.weights ? 'with' : 'without', golden] as const))(
    'has the centres of scikit-learn %s weights',
    async (_, golden) => {
      const model = fitKMeans({ nClusters: 4, init: fixture.init, tol: 0 }, fixture.x, golden.weights)
      expect(relativeError(model.centres, golden.centres)).toBeLessThan(1e-6)
      expect(relativeError([model.inertia], [golden.inertia])).toBeLessThan(1e-6)
      const loaded = modelFromBytes(modelToBytes(model))
      expect(loaded).toEqual(model)
      const frame = frameOf(fixture.x)
      expect(predict(loaded, frame)).toMatchObject({ clusters: Int32Array.from(golden.clusters) })
      await expectOnnxParity(model, frame)
    },
  )

  it.each(['k-means++', 'random'] as const)('finds clusters that lie apart: %s', (init) => {
    const x = Array.from({ length: 60 }, (_, row) => [(row % 3) * 100 + ((row * 7) % 5), (row * 3) % 4])
    const model = fitKMeans({ nClusters: 3, init, nInit: 5 }, x)
    const prediction = predict(model, frameOf(x))
    if (prediction.task !== 'clustering') throw new Error(prediction.task)
    x.forEach((_, row) => {
      expect(prediction.clusters[row]).toBe(prediction.clusters[row % 3])
    })
    expect(new Set(prediction.clusters).size).toBe(3)
  })

  it('draws the same whatever the order of the rows, and takes a weight for repetition', () => {
    const value = fc.integer({ min: -20, max: 20 })
    const row = fc.record({ x: fc.tuple(value, value), weight: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 6, maxLength: 30 }),
        fc.constantFrom('k-means++', 'random'),
        (rows, init) => {
          fc.pre(new Set(rows.map(({ x }) => x.join())).size >= 3)
          const options = { nClusters: 3, init, seed: 4 } as const
          const weighted = fitKMeans(
            options,
            rows.map(({ x }) => x),
            rows.map(({ weight }) => weight),
          )
          const repeated = rows.flatMap(({ x, weight }) => Array.from({ length: weight }, () => x)).reverse()
          const plain = fitKMeans(options, repeated)
          expect(relativeError(weighted.centres, plain.centres)).toBeLessThan(1e-9)
          expect(weighted.converged).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('sends a centre without rows to the farthest row', () => {
    const model = fitKMeans({ nClusters: 2, init: [[0], [1000]] }, [[0], [1], [2], [30]])
    expect(Array.from(model.centres)).toEqual([1, 30])
  })

  it('says what it cannot take', () => {
    expect(() => fitKMeans({ nClusters: 3 }, [[1], [1], [2]])).toThrow('there are 2 for 3')
    expect(() => kMeans({ init: 'best' as 'random' })).toThrow("kMeans's init must be 'k-means++'")
    expect(() => fitKMeans({ nClusters: 2, init: [[1]] }, [[1], [2]])).toThrow('2 centres of 1 numbers')
    expect(() => fit(kMeans({ nClusters: 1 }), { frame: frameOf([[1], [null]]) })).toThrow('put impute()')
    const broken = { ...fitKMeans({ nClusters: 1 }, [[1]]), centres: Float64Array.of(Infinity) }
    expect(() => modelFromBytes(modelToBytes(broken))).toThrow("the model's centres must be finite")
  })
})
