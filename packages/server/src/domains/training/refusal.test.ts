import { runInThisContext } from 'node:vm'
import { expect, it } from 'vitest'
import { isBug, isRefusal } from './refusal.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('it threw nothing')
}

const nothing = JSON.parse('{}')
const deep = (): number => deep() + 1

it.each<[string, () => unknown]>([
  ['a property of nothing', () => nothing.x.y],
  ['a call of nothing', () => nothing.call()],
  ['a walk through a number', () => [...JSON.parse('1')]],
  ['parts of nothing', () => (({ y }) => y)(nothing.x)],
  ['an array of fewer than no values', () => new Array(-1)],
  ['a typed array of fewer than no values', () => new Float64Array(-1)],
  ['no end', deep],
  ['a name that is not there', () => runInThisContext('nowhere')],
])('%s is a bug, not a refusal', (_, work) => {
  const error = thrownBy(work)
  expect(isBug(error), String(error)).toBe(true)
  expect(isRefusal(error)).toBe(false)
})

it('a RangeError or TypeError of learn is a refusal', () => {
  const texts = [
    'alpha must be 0 or more, got -1',
    'column "x" is not numeric',
    'a model of y predicts no label',
  ]
  for (const text of texts) {
    expect(isRefusal(new RangeError(text))).toBe(true)
    expect(isRefusal(new TypeError(text))).toBe(true)
    expect(isBug(new TypeError(text))).toBe(false)
  }
  expect(isRefusal(new Error(texts[0]))).toBe(false)
})
