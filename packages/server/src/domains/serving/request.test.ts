import { isPlatformError } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { createRequestParser } from './request.ts'

const parse = createRequestParser({
  schema: { at: 'timestamp', shop: 'string', size: 'int64', weight: 'float64', urgent: 'boolean' },
  timestamp: 'at',
  nullable: new Set(['size', 'weight']),
  newId: () => 'made',
})
const good = { at: 1_700_000_000_000, shop: 'x', size: 1, weight: 0.5, urgent: false }

describe('a good request', () => {
  it('comes back checked, with times in milliseconds', () => {
    expect(parse({ id: 'a', inputs: good })).toEqual({ id: 'a', inputs: good, eventTime: good.at })
    expect(parse({ inputs: good }).id).toBe('made')
    expect(parse({ inputs: { ...good, size: null, weight: null } }).inputs).toMatchObject({ size: null })
  })

  it.each([
    ['2024-05-01', Date.UTC(2024, 4, 1)],
    ['2024-05-01T10:20', Date.UTC(2024, 4, 1, 10, 20)],
    ['2024-05-01 10:20:30', Date.UTC(2024, 4, 1, 10, 20, 30)],
    ['2024-05-01T10:20:30.5Z', Date.UTC(2024, 4, 1, 10, 20, 30, 500)],
    ['2024-05-01T10:20:30+02:00', Date.UTC(2024, 4, 1, 8, 20, 30)],
    [-5, -5],
  ])('takes the time %s', (at, ms) => {
    expect(parse({ inputs: { ...good, at } }).eventTime).toBe(ms)
  })
})

describe('a bad request', () => {
  const cases: [string, unknown, string][] = [
    ['null', null, 'the request'],
    ['a list', [], 'the request'],
    ['a text', 'x', 'the request'],
    ['no inputs', {}, 'inputs'],
    ['inputs that are a list', { inputs: [] }, 'inputs'],
    ['an unknown field beside inputs', { inputs: good, extra: 1 }, 'extra'],
    ['an empty id', { id: '', inputs: good }, 'id'],
    ['an id that is a number', { id: 5, inputs: good }, 'id'],
    ['an id that is too long', { id: 'x'.repeat(129), inputs: good }, 'id'],
    ['a missing column', { inputs: { ...good, shop: undefined } }, 'inputs.shop'],
    ['an unknown column', { inputs: { ...good, colour: 'red' } }, 'inputs.colour'],
    ['a column called like a method', { inputs: { ...good, toString: 'x' } }, 'inputs.toString'],
    ['the prototype as a column', JSON.parse(`{"inputs":{"__proto__":1}}`), 'inputs.at'],
    ['null for a key', { inputs: { ...good, shop: null } }, 'inputs.shop'],
    ['null for the time', { inputs: { ...good, at: null } }, 'inputs.at'],
    ['a number for a text', { inputs: { ...good, shop: 5 } }, 'inputs.shop'],
    ['a text that is too long', { inputs: { ...good, shop: 'x'.repeat(10_001) } }, 'inputs.shop'],
    ['a text for a number', { inputs: { ...good, size: '1' } }, 'inputs.size'],
    ['a fraction for a whole number', { inputs: { ...good, size: 1.5 } }, 'inputs.size'],
    ['a whole number that is not safe', { inputs: { ...good, size: 2 ** 53 } }, 'inputs.size'],
    ['infinity', JSON.parse(`{"inputs":${JSON.stringify(good).replace('0.5', '1e999')}}`), 'inputs.weight'],
    ['not a number', { inputs: { ...good, weight: Number.NaN } }, 'inputs.weight'],
    ['1 for a boolean', { inputs: { ...good, urgent: 1 } }, 'inputs.urgent'],
    ['a text that is no time', { inputs: { ...good, at: 'yesterday' } }, 'inputs.at'],
    ['a day that does not exist', { inputs: { ...good, at: '2024-02-31T25:00:00Z' } }, 'inputs.at'],
    ['a time with a fraction', { inputs: { ...good, at: 1.5 } }, 'inputs.at'],
    ['a time after the year 9999', { inputs: { ...good, at: 1e15 } }, 'inputs.at'],
  ]

  it.each(cases)('%s is refused by name', (_, body, field) => {
    let caught: unknown
    try {
      parse(body)
    } catch (error) {
      caught = error
    }
    if (!isPlatformError(caught)) throw new Error('nothing was refused')
    expect(caught.code).toBe('request.invalid')
    expect(caught.details.field).toBe(field)
    expect(caught.message).toContain(field)
    expect(String(caught.details.expected).length).toBeGreaterThan(2)
  })

  it('shows the value and what would be accepted', () => {
    expect(() => parse({ inputs: { ...good, size: 'big' } })).toThrow(
      'inputs.size must be a whole number between -(2^53 - 1) and 2^53 - 1, got "big"',
    )
  })
})
