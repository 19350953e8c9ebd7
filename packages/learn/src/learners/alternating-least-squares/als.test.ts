import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit, predict } from '../../fit.ts'
import { categoricalColumn, createFrame, type Frame, numericColumn } from '../../frame.ts'
import type { FitData } from '../../learner.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { numberTarget } from '../../target.ts'
import { relativeError, valuesOf } from '../../testing/frames.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import { ridge } from '../linear/ridge.ts'
import { alternatingLeastSquares } from './alternating-least-squares.ts'
import fixture from './fixtures/als.json' with { type: 'json' }
import { recommend, similarItems } from './recommend.ts'

type Entry = readonly [user: string, item: string, strength: number]

const pairsOf = (pairs: readonly (readonly [string | null, string | null, ...unknown[]])[]): Frame =>
  createFrame({
    user: categoricalColumn(pairs.map(([user]) => user)),
    item: categoricalColumn(pairs.map(([, item]) => item)),
  })

const toData = (entries: readonly Entry[]): FitData => ({
  frame: pairsOf(entries),
  target: numberTarget(entries.map(([, , strength]) => strength)),
})

const all: Entry[] = fixture.strengths.flatMap((row, user) =>
  row.map((strength, item): Entry => [`u${user}`, `i${item}`, strength]),
)

describe('alternatingLeastSquares', () => {
  it.each([3, null])(
    'gives the scores of the formula, and the same ones in ONNX: %s steps',
    async (cgSteps) => {
      const model = fit(alternatingLeastSquares({ ...fixture.options, cgSteps }), toData(all))
      const scores = valuesOf(predict(modelFromBytes(modelToBytes(model)), pairsOf(all)))
      expect(relativeError(scores, fixture.scores.flat())).toBeLessThan(1e-6)
      await expectOnnxParity(model, pairsOf(all))
      const strange = pairsOf([
        ['new', 'i0'],
        ['u0', 'new'],
        [null, 'i0'],
        ['u0', null],
        ['u1', 'i1'],
      ])
      expect(Array.from(valuesOf(predict(model, strange)).slice(0, 4))).toEqual([0, 0, 0, 0])
      await expectOnnxParity(model, strange)
    },
  )

  // Two tastes: even users like even items.
  const tastes: Entry[] = Array.from({ length: 8 }, (_, user) =>
    [0, 1, 2, 3].flatMap((half): Entry[] => {
      const item = 2 * half + (user % 2)
      return (user + half) % 4 === 0 ? [] : [[`u${user}`, `i${item}`, 1]]
    }),
  ).flat()
  const model = fit(alternatingLeastSquares({ factors: 2, regularization: 0.1, alpha: 10 }), toData(tastes))

  it('recommends what others of the same taste like', () => {
    for (let user = 0; user < 8; user += 1) {
      const exclude = tastes.filter(([name]) => name === `u${user}`).map(([, item]) => item)
      const [best] = recommend(model, `u${user}`, { k: 1, exclude: [...exclude, 'gone'] })
      expect(Number(best.item.slice(1)) % 2).toBe(user % 2)
      expect(exclude).not.toContain(best.item)
      const [{ score }] = recommend(model, `u${user}`)
      expect(score).toBeGreaterThan(0.5)
    }
  })

  it('finds items that are liked together', () => {
    const similar = similarItems(model, 'i0', { k: 3 })
    expect(similar.map(({ item }) => Number(item.slice(1)) % 2)).toEqual([0, 0, 0])
    expect(similar.every(({ score }) => score > 0.5 && score <= 1 + 1e-12)).toBe(true)
    expect(similarItems(model, 'i0')).toHaveLength(7)
  })

  it('takes a weight for repetition, in any order of rows', () => {
    const entry = fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom('x', 'y', 'z', 'w'),
      fc.integer({ min: 1, max: 3 }),
    )
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(3, null),
        (entries, cgSteps) => {
          const spec = alternatingLeastSquares({ factors: 2, iterations: 5, cgSteps })
          const repeated = entries.flatMap(([user, item, weight]) =>
            Array.from({ length: weight }, (): Entry => [user, item, 1]),
          )
          const frame = pairsOf(entries)
          const weights = Float64Array.from(entries, ([, , weight]) => weight)
          const weighted = valuesOf(predict(fit(spec, { frame, weights }), frame))
          const plain = valuesOf(predict(fit(spec, toData(repeated.reverse())), frame))
          plain.forEach((expected, row) => {
            expect(weighted[row]).toBeCloseTo(expected, 5)
          })
        },
      ),
      { numRuns: 50 },
    )
  })

  it('says what it cannot take', () => {
    const data = toData([
      ['a', 'x', 1],
      ['b', 'y', 0],
    ])
    expect(() => fit(alternatingLeastSquares({ user: 'customer' }), data)).toThrow("no column 'customer'")
    expect(() => fit(alternatingLeastSquares(), { frame: pairsOf([['a', null]]) })).toThrow(
      "column 'item' is missing in row 0",
    )
    expect(() => fit(alternatingLeastSquares(), toData([['a', 'x', -1]]))).toThrow(
      'row 0 of the target holds -1',
    )
    expect(() => fit(alternatingLeastSquares(), toData([['a', 'x', 0]]))).toThrow('all strengths are 0')
    const numbers = createFrame({ user: numericColumn([1]), item: categoricalColumn(['x']) })
    expect(() => fit(alternatingLeastSquares(), { frame: numbers })).toThrow("column 'user' is numeric")
    const wide = createFrame({ ...pairsOf([['a', 'x']]).columns, day: numericColumn([1]) })
    expect(() => fit(alternatingLeastSquares(), { frame: wide })).toThrow("leave out column 'day'")
    expect(() => alternatingLeastSquares({ regularization: 0 })).toThrow(
      'regularization must be a finite number > 0',
    )

    const small = fit(alternatingLeastSquares({ factors: 1 }), data)
    expect(recommend(small, 'a').map(({ item }) => item)).toEqual(['x'])
    expect(() => recommend(small, 'c')).toThrow("does not know the user 'c'")
    expect(() => recommend(small, 'b')).toThrow("no interaction of the user 'b'")
    expect(() => similarItems(small, 'y')).toThrow("no interaction of the item 'y'")
    expect(() => recommend(small, 'a', { k: 0 })).toThrow('k must be an integer from 1')
    const line = fit(ridge(), { frame: createFrame({ x: numericColumn([1]) }), target: numberTarget([1]) })
    expect(() => recommend(line, 'a')).toThrow("not 'ridge'")
    const broken = { ...small, itemFactors: Float32Array.of(1) }
    expect(() => modelFromBytes(modelToBytes(broken))).toThrow(
      "the model's itemFactors must be Float32Array of 2",
    )
  })
})
