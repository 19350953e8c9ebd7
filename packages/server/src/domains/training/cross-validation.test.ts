import { gradientBoostingRegressor, pipeline, ridge } from '@millrace/learn'
import { describe, expect, it } from 'vitest'
import { readCrossValidation, withIterations } from './cross-validation.ts'

describe('withIterations', () => {
  it('sets them in the learner at the end of pipelines', () => {
    const spec = (nEstimators: number) =>
      pipeline({ learner: pipeline({ rest: 'drop', learner: gradientBoostingRegressor({ nEstimators }) }) })
    expect(withIterations(spec(1000), 63)).toEqual(spec(63))
    expect(withIterations(ridge(), undefined)).toEqual(ridge())
  })
})

describe('readCrossValidation', () => {
  it('is left out, or one of three kinds', () => {
    expect(readCrossValidation(null)).toBeUndefined()
    for (const how of [
      { kind: 'time', gap: 5 },
      { kind: 'stratified', splits: 3 },
      { kind: 'group', by: 'x' },
    ])
      expect(readCrossValidation(how)).toEqual(how)
  })

  it.each([
    [{ kind: 'random' }, /crossValidation.kind/],
    [{ kind: 'time', splits: 1 }, /crossValidation.splits/],
    [{ kind: 'group' }, /need a column/],
    [{ kind: 'time', by: 'x' }, /need a column/],
    [{ kind: 'stratified', gap: 5 }, /a gap is for splits by time/],
  ])('refuses %j', (how, message) => {
    expect(() => readCrossValidation(how)).toThrow(message)
  })
})
