import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { versionOf } from '../definitions/index.ts'
import { createFeatureService } from './service.ts'

const start = Date.UTC(2024, 0, 1)
const definitions = [
  {
    kind: 'dataset',
    name: 'sales',
    source: { format: 'parquet', path: 'sales.parquet' },
    schema: { at: 'timestamp', written: 'timestamp', till: 'string', amount: 'int64' },
    derived: {},
    timestamp: 'at',
    expectations: [],
  },
  { kind: 'entity', name: 'till', key: { till: 'string' } },
  {
    kind: 'feature-view',
    name: 'newest',
    entity: 'till',
    from: 'sales',
    timestamp: 'at',
    created: 'written',
    ttlMs: 2000,
    hopMs: 1000,
    features: { amount: { type: 'int64', last: 'amount' } },
  },
  {
    kind: 'feature-service',
    name: 'till_features',
    featureViews: ['newest'],
    onDemandViews: [],
    request: {},
    timestamp: 'moment',
  },
]
const tills = ['a', 'b', 'c']

/** Rounds of rows that are pushed at the same time: how long ago each happened, at most 4 s. */
const rounds = fc.array(
  fc.array(
    fc.array(
      fc.record({
        till: fc.constantFrom(...tills),
        age: fc.integer({ min: 0, max: 4000 }),
        amount: fc.option(fc.integer({ min: 0, max: 9 })),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  { minLength: 2, maxLength: 4 },
)

test('what was read after pushes at the same time, with late rows and a restart, is what training has', async () => {
  await fc.assert(
    fc.asyncProperty(rounds, fc.array(fc.integer({ min: 0, max: 900 })), async (given, delays) => {
      const embedded = await createTemporaryData()
      try {
        await embedded.apply(definitions)
        let features = createFeatureService(embedded)
        const reads: string[] = []
        // Which of two rows of one event time wins is not the same if they are pushed at the same time.
        const taken = new Set<string>()
        for (const [round, pushes] of given.entries()) {
          const now = start + round * 1000
          embedded.clock.set(now)
          await Promise.all(
            pushes.map((rows) => {
              const own = rows
                .map(({ till, age, amount }) => ({ at: now - age, written: now, till, amount }))
                .filter(({ at, till }) => !taken.has(`${at} ${till}`) && taken.add(`${at} ${till}`))
              return own.length === 0 ? undefined : features.push({ view: 'newest', rows: own, to: 'both' })
            }),
          )
          if (round === 1) features = createFeatureService(embedded)
          const moment = now + (delays[round] ?? 0)
          const reader = await features.createOnlineReader('till_features')
          const keys = [...tills, 'unseen']
          const { values } = await reader.read(keys.map((till) => ({ till, moment })))
          for (const [i, till] of keys.entries()) {
            const amount = values[i].amount === null ? 'NULL' : String(values[i].amount)
            reads.push(`('${round} ${till}', '${till}', make_timestamp(${moment * 1000}), ${amount}::DOUBLE)`)
          }
          reader.close()
        }
        const stored = await embedded.definitions.listStored()
        const pins = stored.map(({ definition: one }) => [`${one.kind}/${one.name}`, versionOf(one)])
        const compared = await features.compareReads({
          service: 'till_features',
          definitions: Object.fromEntries(pins),
          sample: 1,
          reads: () => `(SELECT id AS id$, till, moment, amount AS online$0, []::VARCHAR[] AS degraded$
            FROM (VALUES ${reads.join(', ')}) AS reads(id, till, moment, amount))`,
        })
        expect(compared.reads).toBe(reads.length)
        expect(compared.features).toEqual([
          expect.objectContaining({ feature: 'amount', mismatched: 0, missing: 0, extra: 0, examples: [] }),
        ])
      } finally {
        await embedded.close()
      }
    }),
    { numRuns: 8 },
  )
})
