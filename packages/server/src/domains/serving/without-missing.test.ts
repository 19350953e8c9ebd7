import { expect, it } from 'vitest'
import type { FeatureLookup, RowFeatures } from './feature-lookup.ts'
import { withoutMissing } from './without-missing.ts'

const row = (values: RowFeatures['values']) => ({ ok: true as const, value: { values, degraded: [] } })

it('a row that lacks what the model takes fails alone', async () => {
  const failed = { ok: false as const, error: new Error('no such row') }
  const found = [
    row({ size: 1, hour: 2, other: null }),
    row({ size: null, hour: 2 }),
    failed,
    row({ size: 0 }),
    row({ size: 1, hour: '' }),
    row({ size: Number.NaN, hour: 2 }),
  ]
  const lookup = { names: ['size', 'hour'], read: async () => found } as unknown as FeatureLookup
  const features = ['size', 'hour'].map((name) => ({ name, type: 'float64' as const }))
  const strict = withoutMissing(lookup, { features }, { endpoint: 'lateness', modelVersion: 'late/1' })
  expect(strict.names).toBe(lookup.names)
  expect(await strict.read([])).toEqual([
    found[0],
    { ok: false, error: expect.objectContaining({ code: 'endpoint.feature_missing' }) },
    failed,
    {
      ok: false,
      error: expect.objectContaining({
        message: expect.stringContaining('takes no missing values, and the feature "hour" is missing'),
      }),
    },
    { ok: false, error: expect.objectContaining({ code: 'endpoint.feature_missing' }) },
    { ok: false, error: expect.objectContaining({ code: 'endpoint.feature_missing' }) },
  ])
})
