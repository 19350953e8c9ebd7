import type { PipelineDefinition, PipelineSchedule } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { node, pipeline, testSteps } from './testing/control-plane.ts'
import { validatePipeline } from './validate.ts'
import { readParams, readValue } from './values.ts'

const from = (id: string, output = 'sum') => ({ node: id, output })
const code = { bundle: 'b', name: 'f' }

describe('validatePipeline', () => {
  it('accepts what fits', () => {
    const definition = pipeline(
      [
        node('a', { inputs: { a: { const: 1 }, b: { param: 'n' } } }),
        node('own', { step: 'function', code, inputs: { anything: from('a') } }),
        node('b', {
          inputs: { a: from('own', 'x'), at: { const: '2024-01-01T00:00:00Z' } },
          when: [from('a', 'flag')],
        }),
        node('m', { step: 'load', inputs: { model: from('own', 'model') } }),
      ],
      { n: { type: 'int64', default: 3 } },
    )
    expect(() => validatePipeline(definition, testSteps)).not.toThrow()
  })

  it.each<[string, PipelineDefinition, string]>([
    ['a duplicate id', pipeline([node('a'), node('a')]), 'the node "a" is there twice'],
    ['an unknown step', pipeline([node('a', { step: 'wrok' })]), 'node "a" uses the unknown step "wrok"'],
    [
      'an unknown input',
      pipeline([node('a', { inputs: { c: { const: 1 } } })]),
      'node "a" has the unknown input "c"; there are a, b, at, flag',
    ],
    [
      'a missing input',
      pipeline([node('a', { step: 'load' })]),
      'node "a", input "model" is missing (model)',
    ],
    [
      'a literal of another type',
      pipeline([node('a', { inputs: { a: { const: 'x' } } })]),
      'node "a", input "a": expected a whole number, got "x"',
    ],
    [
      'a parameter of another type',
      pipeline([node('a', { inputs: { a: { param: 's' } } })], { s: { type: 'string' } }),
      'node "a", input "a" is bound to a string, expected int64',
    ],
    [
      'an unknown parameter',
      pipeline([node('a', { inputs: { a: { param: 's' } } })]),
      'node "a", input "a" needs the unknown parameter "s"',
    ],
    [
      'an output of another type',
      pipeline([node('a'), node('m', { step: 'load', inputs: { model: from('a') } })]),
      'node "m", input "model" is bound to a int64, expected model',
    ],
    [
      'an unknown output',
      pipeline([node('a'), node('b', { inputs: { a: from('a', 'total') } })]),
      'node "b", input "a" needs the output "total" of "a", which has: sum, flag',
    ],
    [
      'an unknown node',
      pipeline([node('b', { inputs: { a: from('a') } })]),
      'node "b", input "a" needs the unknown node "a"',
    ],
    [
      'a later node',
      pipeline([node('b', { inputs: { a: from('a') } }), node('a')]),
      'node "b", input "a" needs the node "a", which comes later',
    ],
    ['a node that needs itself', pipeline([node('a', { inputs: { a: from('a') } })]), '"a" -> "a"'],
    [
      'a cycle',
      pipeline([
        node('x'),
        node('a', { inputs: { a: from('c'), b: from('x') } }),
        node('b', { inputs: { a: from('a') } }),
        node('c', { when: [from('b', 'flag')] }),
      ]),
      'wait for each other',
    ],
    [
      'a condition that is no boolean',
      pipeline([node('a'), node('b', { when: [from('a')] })]),
      'the condition of node "b" needs a boolean, "a.sum" is int64',
    ],
    ['a function without code', pipeline([node('a', { step: 'function' })]), 'node "a" has no code'],
    ['code for a built-in step', pipeline([node('a', { code })]), 'node "a" has code'],
    [
      'a default of another type',
      pipeline([node('a')], { n: { type: 'int64', default: 0.5 } }),
      'the default of parameter "n": expected a whole number, got 0.5',
    ],
    ['a schedule that never comes', scheduled({ cron: '0 0 30 2 *' }), 'schedule: "0 0 30 2 *" never comes'],
    [
      'a scheduled parameter that is no time',
      scheduled({ params: { n: { offsetMs: 0 } } }),
      'schedule: "n" is no timestamp parameter',
    ],
    ['a scheduled parameter without a value', scheduled({}), 'schedule: the parameter "n" gets no value'],
  ])('refuses %s', (_what, definition, reason) => {
    expect(() => validatePipeline(definition, testSteps)).toThrow(reason)
  })

  it('copes with the longest chain', () => {
    const nodes = Array.from({ length: 1000 }, (_, i) =>
      node(`n${i}`, i === 0 ? {} : { inputs: { a: from(`n${i - 1}`) } }),
    )
    expect(() => validatePipeline(pipeline(nodes), testSteps)).not.toThrow()
  })
})

describe('parameters', () => {
  const definition = pipeline([node('a')], {
    until: { type: 'timestamp' },
    n: { type: 'float64', default: 2 },
  })

  it('are completed, times as milliseconds', () => {
    expect(readParams(definition, { until: '2024-01-01T00:00:00Z' })).toEqual({
      until: Date.UTC(2024, 0, 1),
      n: 2,
    })
  })

  it.each([
    [{}, '"until" (timestamp) is missing'],
    [
      { until: 'tomorrow' },
      '"until": expected a time (ISO 8601 text or milliseconds since the epoch), got "tomorrow"',
    ],
    [{ until: 0, n: '2' }, '"n": expected a number, got "2"'],
    [{ until: 0, m: 1 }, '"m" is not known; there are: until, n'],
    [{ until: null }, '"until": expected a time'],
    [{ until: '2024-02-31T99:00:00Z' }, '"until"'],
  ])('refuses %j', (params, reason) => {
    expect(() => readParams(definition, params)).toThrow(reason)
  })

  it.each([
    ['boolean', 1],
    ['string', 1],
    ['int64', 2 ** 53],
    ['float64', null],
    ['model', 'digest'],
    ['model', []],
    ['json', undefined],
  ] as const)('%s is not %j', (type, value) => {
    expect(readValue(type, value)).toHaveProperty('reason')
  })
})

function scheduled(schedule: Partial<PipelineSchedule>): PipelineDefinition {
  return {
    ...pipeline([node('a')], { n: { type: 'int64' } }),
    schedule: { cron: '0 3 * * *', timezone: 'UTC', catchUp: 'latest', params: {}, ...schedule },
  }
}
