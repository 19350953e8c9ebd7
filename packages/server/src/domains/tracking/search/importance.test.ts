import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryTracking } from '../testing/temporary-tracking.ts'
import { parameterImportance } from './importance.ts'
import { rankCorrelation } from './rank-correlation.ts'

let stores: Awaited<ReturnType<typeof createTemporaryTracking>>
let experiment: string

beforeAll(async () => {
  stores = await createTemporaryTracking()
  experiment = (await stores.tracking.createExperiment({ name: 'tuning' })).id
  for (let i = 0; i < 60; i++) {
    const { id } = await stores.tracking.createRun({ experimentId: experiment })
    const rate = (i * 37) % 60
    await stores.tracking.logBatch({
      run: id,
      params: {
        rate: String(rate / 100),
        kind: i % 2 === 0 ? 'even' : 'odd',
        constant: '1',
        ...(i % 3 === 0 ? { noise: String((i * 13) % 7) } : {}),
      },
      metrics: [
        { key: 'loss', value: 100 - rate, at: 0, step: 0 },
        { key: 'flat', value: 1, at: 0, step: 0 },
      ],
    })
  }
})
afterAll(() => stores.close())

describe('parameterImportance', () => {
  it('finds the parameter that decides, the same way each time', async () => {
    const found = await parameterImportance(stores.db, { experiment, metric: 'loss' })
    expect(found).toMatchObject({ metric: 'loss', runs: 60 })
    expect(found.parameters.map(({ key }) => key).sort()).toEqual(['kind', 'noise', 'rate'])
    const [first] = found.parameters
    expect(first).toMatchObject({ key: 'rate', kind: 'numeric' })
    expect(first.importance).toBeGreaterThan(0.6)
    expect(first.correlation).toBeCloseTo(-1, 12)
    expect(found.parameters.find(({ key }) => key === 'kind')).toMatchObject({
      kind: 'categorical',
      correlation: null,
    })
    expect(await parameterImportance(stores.db, { experiment, metric: 'loss' })).toEqual(found)
  })

  it('says why it cannot tell', async () => {
    const refused = { code: 'experiment.importance_unavailable' }
    await expect(parameterImportance(stores.db, { experiment, metric: 'none' })).rejects.toMatchObject(
      refused,
    )
    await expect(parameterImportance(stores.db, { experiment, metric: 'flat' })).rejects.toMatchObject(
      refused,
    )
    const unknown = parameterImportance(stores.db, { experiment: '99', metric: 'loss' })
    await expect(unknown).rejects.toMatchObject({ code: 'experiment.not_found' })
  })
})

describe('rankCorrelation', () => {
  it('is 1 for any rising and -1 for any falling curve, and null without variation', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 3 })
    fc.assert(
      fc.property(distinct, (x) => {
        expect(rankCorrelation(x, x.map(Math.exp))).toBeCloseTo(1, 12)
        expect(
          rankCorrelation(
            x,
            x.map((value) => -value),
          ),
        ).toBeCloseTo(-1, 12)
      }),
    )
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull()
    expect(rankCorrelation([1, null, 2], [1, 2, 3])).toBeNull()
  })

  it('gives equal values the mean of their ranks', () => {
    // Ranks 0.5 0.5 2 3 against 0 1 2 3; checked with scipy.stats.spearmanr.
    expect(rankCorrelation([1, 1, 2, 3], [1, 2, 3, 4])).toBeCloseTo(0.9486832980505138, 12)
  })
})
