import { describe, expect, it } from 'vitest'
import { parseParams } from './params.ts'

const pipeline = {
  name: 'p',
  params: {
    at: { type: 'timestamp' as const },
    n: { type: 'int64' as const },
    x: { type: 'float64' as const },
    on: { type: 'boolean' as const },
    text: { type: 'string' as const },
  },
}

describe('parseParams', () => {
  it('reads values by the types of the pipeline', () => {
    expect(parseParams(pipeline, ['at=2001-05-01', 'n=-3', 'x=1e-3', 'on=false', 'text=a=b'])).toEqual({
      at: Date.UTC(2001, 4, 1),
      n: -3,
      x: 0.001,
      on: false,
      text: 'a=b',
    })
    expect(parseParams(pipeline, ['at=2001-05-01T12:30:00+02:00'])).toEqual({
      at: Date.UTC(2001, 4, 1, 10, 30),
    })
    expect(parseParams(pipeline, ['at=988675200000', 'text='])).toEqual({ at: 988675200000, text: '' })
  })

  it.each([
    ['n', '--param takes name=value, got "n"'],
    ['=1', '--param takes name=value'],
    ['m=1', 'pipeline "p" has no parameter "m"; there are: at, n, x, on, text'],
    ['n=1.5', 'the parameter "n" must be a whole number, got "1.5"'],
    ['n=', 'the parameter "n" must be a whole number'],
    ['x=Infinity', 'the parameter "x" must be a number'],
    ['on=yes', 'the parameter "on" must be true or false'],
    ['at=yesterday', 'the parameter "at" must be a time such as'],
    ['at=2001-05-01T12:00:00', 'the parameter "at" must be a time such as'],
    ['at=2001-02-29', 'the parameter "at" must be a time such as'],
    ['at=2001-02-30T12:00:00+02:00', 'the parameter "at" must be a time such as'],
    ['at=8640000000000001', 'the parameter "at" must be a time such as'],
    ['at=2001-13-01', 'the parameter "at" must be a time such as'],
  ])('refuses %s', (pair, message) => {
    expect(() => parseParams(pipeline, [pair])).toThrow(message)
  })

  it('refuses a parameter that is given twice', () => {
    expect(() => parseParams(pipeline, ['n=1', 'n=2'])).toThrow('the parameter "n" is given twice')
  })
})
