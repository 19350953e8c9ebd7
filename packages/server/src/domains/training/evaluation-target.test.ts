import { describe, expect, it } from 'vitest'
import type { LakeColumn } from '../../ports/lake.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import {
  checkLater,
  differenceOf,
  evaluationTarget,
  inOrder,
  type Judged,
  taskOf,
} from './evaluation-target.ts'

const setOf = (type: string, column: LakeColumn, rows: number) =>
  ({
    rows,
    columns: [column],
    manifest: { name: 's', label: 'y', columns: [{ name: 'y', type, role: 'label' }] },
  }) as unknown as LoadedTrainingSet
const flags = (...values: number[]) =>
  setOf('boolean', { name: 'y', kind: 'boolean', values: Float64Array.from(values) }, values.length)
const numbers = (...values: number[]) =>
  setOf('int64', { name: 'y', kind: 'number', values: Float64Array.from(values) }, values.length)
const texts = (...values: string[]) => {
  const dictionary = [...new Set(values)]
  const codes = Int32Array.from(values, (value) => dictionary.indexOf(value))
  return setOf('string', { name: 'y', kind: 'string', codes, dictionary }, values.length)
}
const label = { name: 'y', type: 'string' } as const
const binary = (...classes: (string | number | boolean)[]): Judged => ({
  task: 'binary-classification',
  classes,
  label,
})
const three: Judged = { task: 'multiclass-classification', classes: ['a', 'b', 'c'], label }
const regression: Judged = { task: 'regression', label: { name: 'y', type: 'float64' } }
const unusable = (reason: RegExp) =>
  expect.objectContaining({
    code: 'evaluation.data_unusable',
    details: { set: 's', reason: expect.stringMatching(reason) },
  })

describe('evaluationTarget', () => {
  it('takes flags for 0 and 1, and the other way round', () => {
    expect(evaluationTarget(numbers(0, 1, 1), binary(false, true))).toMatchObject({ classes: [false, true] })
    expect(evaluationTarget(flags(0, 1, 1), binary(0, 1))).toMatchObject({ classes: [0, 1] })
  })

  it('keeps classes that a model of more than two does not know', () => {
    expect(evaluationTarget(texts('a', 'd'), three)).toMatchObject({ classes: ['a', 'd'] })
  })

  it.each([
    [
      'one class',
      flags(1, 1, 1),
      binary(false, true),
      /two classes are needed; its label "y" is true in all 3 rows/,
    ],
    ['another class of two', texts('a', 'd'), binary('a', 'b'), /has "d"; the model knows \["a","b"\]/],
    ['classes of another type', numbers(1, 2), three, /has 1; the model knows/],
    ['a single row', numbers(1), regression, /at least two rows/],
  ])('refuses %s', (_, set, model, reason) => {
    expect(() => evaluationTarget(set, model)).toThrow(unusable(reason))
  })

  it('refuses a model without label', () => {
    expect(() => taskOf({ task: 'clustering' })).toThrow(
      expect.objectContaining({ code: 'step.input_invalid' }),
    )
  })
})

describe('checkLater', () => {
  it('wants rows from after the time of training', () => {
    expect(() => checkLater(numbers(1), Float64Array.of(6), 5)).not.toThrow()
    expect(() => checkLater(numbers(1), Float64Array.of(5), 5)).toThrow(unusable(/judge it on later rows/))
  })
})

describe('differenceOf', () => {
  it('says why a champion cannot be compared', () => {
    expect(differenceOf(binary(0, 1), binary(false, true))).toBeUndefined()
    expect(differenceOf(three, { ...three, classes: ['c', 'b', 'a'] })).toBeUndefined()
    expect(differenceOf(regression, binary(0, 1))).toBe('it is a model for regression')
    expect(differenceOf(binary('a', 'b'), binary('a', 'c'))).toBe('it predicts ["a","b"], not ["a","c"]')
  })
})

describe('inOrder', () => {
  const probabilities = Float64Array.of(0.1, 0.9, 0.6, 0.4)

  it('names and orders classes as the other model does', () => {
    const ofFlags = { task: 'classification', classes: [0, 1], probabilities } as const
    expect(inOrder(ofFlags, [false, true])).toEqual({ ...ofFlags, classes: [false, true] })
    const ofTexts = { task: 'classification', classes: ['b', 'a'], probabilities } as const
    expect(inOrder(ofTexts, ['a', 'b'])).toMatchObject({ probabilities: Float64Array.of(0.9, 0.1, 0.4, 0.6) })
    expect(() => inOrder(ofTexts, ['a', 'c'])).toThrow(TypeError)
  })
})
