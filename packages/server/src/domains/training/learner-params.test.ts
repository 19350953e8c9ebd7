import { alternatingLeastSquares, impute, isolationForest, kMeans, pipeline, ridge } from '@millrace/learn'
import { describe, expect, it } from 'vitest'
import { learnerParams, readLearner } from './learner-params.ts'

describe('learnerParams', () => {
  it('are the options that were given, one by one, with what is inside a pipeline', () => {
    expect(learnerParams(ridge({ alpha: 2 }))).toEqual({ learner: 'ridge', 'learner.alpha': '2' })
    const spec = pipeline({ columns: [[{ kind: 'numeric' }, [impute()]]], rest: 'drop', learner: ridge() })
    expect(learnerParams(spec)).toEqual({
      learner: 'pipeline',
      'learner.columns.0': '[{"kind":"numeric"},[{"kind":"impute","options":{}}]]',
      'learner.rest': 'drop',
      'learner.learner': 'ridge',
    })
  })

  it('leave out what is too long for a parameter', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `column_${i}`)
    const spec = pipeline({ columns: [[names, 'drop']], learner: ridge() })
    expect(Object.keys(learnerParams(spec))).toEqual(['learner', 'learner.learner'])
  })
})

describe('readLearner', () => {
  it.each([
    [pipeline({ learner: ridge() }), 'regression'],
    [kMeans(), 'clustering'],
    [pipeline({ learner: isolationForest() }), 'anomaly'],
    [pipeline({ learner: alternatingLeastSquares() }), 'recommendation'],
  ])('tells what is learnt, through pipelines: %j', (spec, task) => {
    expect(readLearner(spec).task).toBe(task)
  })

  it.each([
    ['a name', 'ridge', /object/],
    ['more than kind and options', { kind: 'ridge', options: {}, alpha: 1 }, /not known/],
    ['what there is not', { kind: '__proto__', options: {} }, /there is no learner '__proto__'/],
  ])('refuses %s', (_, value, message) => {
    expect(() => readLearner(value)).toThrow(message)
  })
})
