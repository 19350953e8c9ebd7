import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import golden from './fixtures/golden.json' with { type: 'json' }
import { groupKFold, stratifiedGroupKFold } from './group-k-fold.ts'
import { holdOut, stratifiedHoldOut } from './hold-out.ts'
import { kFold, stratifiedKFold } from './k-fold.ts'
import { makeSplits } from './make-splits.ts'
import { timeSeriesSplit } from './time-series-split.ts'

const { codes, groups } = golden
const given = { rows: codes.length, codes, groups }

it.each(golden.cases)('as scikit-learn: $kind $options', ({ kind, options, splits }) => {
  const found = makeSplits({ kind, options }, given)
  expect(found.map(({ train, test }) => ({ train: [...train], test: [...test] }))).toEqual(splits)
})

const shuffled = { nSplits: 3, shuffle: true, seed: 5 }
const specs = [
  kFold({ nSplits: 3 }),
  kFold(shuffled),
  stratifiedKFold(shuffled),
  groupKFold(shuffled),
  stratifiedGroupKFold(shuffled),
].map((spec) => [`${spec.kind} ${JSON.stringify(spec.options)}`, spec] as const)

describe.each(specs)('%s', (_, spec) => {
  it('tests each row once and learns from the others', () => {
    const splits = makeSplits(spec, given)
    expect(splits.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual(codes.map((_, row) => row))
    for (const { train, test } of splits)
      expect([...train, ...test].sort((a, b) => a - b)).toEqual(codes.map((_, row) => row))
  })

  it('gives the same splits again', () => {
    expect(makeSplits(spec, given)).toEqual(makeSplits(spec, given))
  })

  it('keeps groups together or classes apart evenly', () => {
    for (const { train, test } of makeSplits(spec, given)) {
      if (spec.kind.includes('roup'))
        expect([...test].filter((row) => [...train].some((other) => groups[other] === groups[row]))).toEqual(
          [],
        )
      if (spec.kind === 'stratifiedKFold')
        for (const code of [0, 1, 2]) {
          const all = codes.filter((own) => own === code).length / 3
          const here = [...test].filter((row) => codes[row] === code).length
          expect(Math.abs(here - all)).toBeLessThan(1)
        }
    }
  })
})

describe('repeated k-fold', () => {
  it('shuffles each time anew', () => {
    const splits = makeSplits(kFold({ nSplits: 2, shuffle: true, nRepeats: 3 }), { rows: 20 })
    expect(splits).toHaveLength(6)
    expect(new Set(splits.map(({ test }) => test.join())).size).toBe(6)
    const without = kFold({ nRepeats: 2 })
    expect(() => makeSplits(without, { rows: 20 })).toThrow('nRepeats > 1 needs shuffle')
  })
})

describe('hold-out', () => {
  it('holds out the share', () => {
    const [{ train, test }] = makeSplits(holdOut({ testSize: 0.3, seed: 1 }), { rows: 11 })
    expect([train.length, test.length]).toEqual([7, 4])
    const [last] = makeSplits(holdOut({ testSize: 2, shuffle: false }), { rows: 5 })
    expect([[...last.train], [...last.test]]).toEqual([
      [0, 1, 2],
      [3, 4],
    ])
  })

  it('keeps the shares of the classes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 60 }), (classes) => {
        const [{ test }] = makeSplits(stratifiedHoldOut({ testSize: 0.25, seed: 3 }), {
          rows: classes.length,
          codes: classes,
        })
        for (const code of [0, 1, 2, 3]) {
          const all = classes.filter((own) => own === code).length
          const here = [...test].filter((row) => classes[row] === code).length
          if (all === 1) expect(here).toBe(0)
          // One more than its part where classes of one row leave theirs to others.
          else expect(Math.abs(here - (all * test.length) / classes.length)).toBeLessThan(2)
        }
        expect(test).toHaveLength(Math.ceil(classes.length * 0.25))
      }),
    )
  })
})

describe('timeSeriesSplit', () => {
  it('never learns from what is not before the test, whatever the order of the rows', () => {
    const time = fc.integer({ min: 0, max: 30 })
    fc.assert(
      fc.property(
        fc.array(time, { minLength: 20, maxLength: 40 }),
        fc.integer({ min: 0, max: 3 }),
        (times, gapTime) => {
          let splits: ReturnType<typeof makeSplits> = []
          try {
            splits = makeSplits(timeSeriesSplit({ nSplits: 3, gapTime }), { rows: times.length, times })
          } catch (error) {
            expect(String(error)).toContain('has no rows before it')
          }
          for (const { train, test } of splits) {
            const first = Math.min(...[...test].map((row) => times[row]))
            for (const row of train) expect(times[row] < first && times[row] <= first - gapTime).toBe(true)
          }
        },
      ),
    )
  })
})

it('refuses what cannot be split', () => {
  expect(() => makeSplits(kFold(), { rows: 4 })).toThrow('kFold cannot make 5 folds of 4 rows')
  expect(() => makeSplits(stratifiedKFold(), { rows: 6 })).toThrow(
    'stratifiedKFold needs a target of classes',
  )
  expect(() => makeSplits(stratifiedKFold(), { rows: 4, codes: [0, 0, 1, 1] })).toThrow(
    'no class has more than 2',
  )
  expect(() => makeSplits(groupKFold(), { rows: 4 })).toThrow('groupKFold needs groups')
  expect(() => makeSplits(groupKFold(), { rows: 4, groups: ['a', 'a', 'b', 'b'] })).toThrow('of 2 groups')
  expect(() => makeSplits(groupKFold(), { rows: 4, groups: ['a'] })).toThrow('there are 1 groups for 4 rows')
  expect(() => makeSplits(holdOut({ testSize: 4 }), { rows: 4 })).toThrow('testSize 4 of 4 rows')
  expect(() => makeSplits(timeSeriesSplit(), { rows: 4 })).toThrow('timeSeriesSplit cannot make 5 tests')
  expect(() => makeSplits(timeSeriesSplit({ gapTime: 1 }), { rows: 40 })).toThrow('needs times')
  expect(() => makeSplits({ kind: 'kfold', options: {} }, { rows: 4 })).toThrow("there is no split 'kfold'")
  expect(() => kFold({ nSplits: 1 })).toThrow("kFold's nSplits must be an integer from 2")
})
