import { describe, expect, it } from 'vitest'
import { finalLearner, learnerTask } from './learner-task.ts'
import { learnerKinds } from './learners.ts'

describe('learnerTask', () => {
  it('knows every learner there is', () => {
    for (const kind of learnerKinds.keys())
      if (kind !== 'pipeline') expect(learnerTask({ kind, options: {} })).toBeTypeOf('string')
  })

  it('looks through pipelines', () => {
    const ridge = { kind: 'ridge', options: {} }
    const inner = { kind: 'pipeline', options: { learner: ridge } }
    expect(finalLearner({ kind: 'pipeline', options: { learner: inner } })).toBe(ridge)
    expect(learnerTask({ kind: 'pipeline', options: { learner: inner } })).toBe('regression')
  })

  it('refuses what is no learner', () => {
    expect(() => learnerTask({ kind: 'toString', options: {} })).toThrow("there is no learner 'toString'")
    expect(() => learnerTask({ kind: 'pipeline', options: {} })).toThrow("pipeline's learner must be")
  })
})
