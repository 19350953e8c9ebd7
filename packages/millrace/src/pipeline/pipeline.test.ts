import type { PipelineDefinition } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import {
  buildTrainingSet,
  evaluate,
  type Gate,
  ingest,
  param,
  pipeline,
  step,
  t,
  train,
  when,
} from '../index.ts'
import { ridge } from '../learn.ts'
import { flights, lateFlights, notify, retraining } from '../testing/flights.ts'

const bundle = 'b'.repeat(64)
const compile = (made: typeof retraining) =>
  made.compile({ bundle, resolvePath: (path) => path }) as PipelineDefinition

const check = step('check', {
  inputs: { n: t.int64() },
  outputs: { ok: t.boolean(), n: t.int64() },
  run: ({ n }) => ({ ok: n > 0, n }),
})

/** A pipeline that judges a model by the gate. */
const judged = (gate: Pick<Gate, 'metrics' | 'champion'>, inputs: { champion?: string } = {}) =>
  pipeline('p', { params: {} }, () => {
    const version = ingest({ dataset: flights })
    const data = buildTrainingSet({ set: lateFlights, version, from: new Date(0), until: new Date(1) })
    const model = train({ data, experiment: 'x', learner: ridge() })
    evaluate({ model, data, gate, ...inputs })
  })

describe('pipeline', () => {
  it('builds a static graph of steps, bindings and conditions', () => {
    const { nodes, params } = compile(retraining)
    expect(params).toEqual({
      from: { type: 'timestamp' },
      split: { type: 'timestamp' },
      until: { type: 'timestamp' },
      trees: { type: 'int64', default: 100 },
    })
    expect(nodes.map((node) => [node.id, node.step])).toEqual([
      ['ingest', 'ingest'],
      ['build-training-set', 'build-training-set'],
      ['holdout', 'build-training-set'],
      ['train', 'train'],
      ['evaluate', 'evaluate'],
      ['register-model', 'register-model'],
      ['release', 'release'],
      ['notify', 'function'],
    ])
    expect(nodes[1]).toEqual({
      id: 'build-training-set',
      step: 'build-training-set',
      inputs: {
        set: { const: 'late_flights' },
        version: { node: 'ingest', output: 'version' },
        from: { param: 'from' },
        until: { param: 'split' },
      },
      when: [],
      timeoutMs: 3_600_000,
      retries: 2,
    })
    expect(nodes[4]?.inputs).toMatchObject({
      model: { node: 'train', output: 'model' },
      data: { node: 'holdout', output: 'data' },
      champion: { const: 'late-flights@champion' },
    })
    expect(nodes[6]).toMatchObject({
      inputs: { model: { node: 'register-model', output: 'version' }, endpoint: { const: 'late' } },
      when: [{ node: 'evaluate', output: 'passed' }],
    })
    expect(nodes[7]).toMatchObject({
      code: { bundle, name: 'notify' },
      inputs: { reason: { node: 'evaluate', output: 'reason' }, at: { param: 'until' } },
    })
  })

  it('numbers repeated steps, keeps given ids and nests conditions', () => {
    const made = pipeline('p', { params: {} }, () => {
      const first = check({ n: 1 })
      when(first.ok, () => {
        const second = check({ n: first.n }, { timeout: '30m', retries: 0 })
        when(second.ok, () => {
          check({ n: 3 }, { id: 'last' })
        })
      })
      check({ n: 4 })
    })
    const { nodes } = compile(made as typeof retraining)
    expect(nodes.map((node) => node.id)).toEqual(['check', 'check-2', 'last', 'check-3'])
    expect(nodes[1]).toMatchObject({ timeoutMs: 1_800_000, retries: 0 })
    expect(nodes[2]?.when).toEqual([
      { node: 'check', output: 'ok' },
      { node: 'check-2', output: 'ok' },
    ])
    expect(nodes[3]?.when).toEqual([])
  })

  it('starts at times, with its own times as offsets', () => {
    const params = { until: t.timestamp(), days: param(t.int64(), 7) }
    const made = pipeline('p', { params, schedule: { cron: '0 3 * * 0', params: { until: '-1d' } } }, () => {
      check({ n: 1 })
    })
    expect(compile(made as unknown as typeof retraining).schedule).toEqual({
      cron: '0 3 * * 0',
      timezone: 'UTC',
      catchUp: 'latest',
      params: { until: { offsetMs: -86_400_000 } },
    })
    const body = () => void check({ n: 1 })
    const wrong = (given: object) => () =>
      pipeline('p', { params, schedule: { cron: '0 3 * * 0', params: given as never } }, body)
    expect(wrong({})).toThrow('pipeline "p": schedule: the parameter "until" gets no value')
    expect(wrong({ until: '0d', days: '1d' })).toThrow('schedule: "days" is no timestamp parameter')
    expect(wrong({ until: 'soon' })).toThrow('schedule: until')
  })

  it('sends times as milliseconds', () => {
    const made = pipeline('p', { params: {} }, () => {
      notify({ reason: 'x', at: new Date(5) })
    })
    expect(compile(made as typeof retraining).nodes[0]?.inputs.at).toEqual({ const: 5 })
  })

  it.each<[string, () => unknown, string]>([
    ['a step outside of a pipeline', () => check({ n: 1 }), '"check" can only be called in the body'],
    ['a body without steps', () => pipeline('p', { params: {} }, () => {}), 'pipeline "p" has no steps'],
    [
      'an async body',
      () => pipeline('p', { params: {} }, async () => void check({ n: 1 })),
      'pipeline "p": the body must not be async',
    ],
    [
      'an id that is taken',
      () =>
        pipeline('p', { params: {} }, () => {
          ingest({ dataset: flights })
          check({ n: 1 }, { id: 'ingest' })
        }),
      'pipeline "p": step "ingest" is there twice',
    ],
    [
      'a bad time-out',
      () => pipeline('p', { params: {} }, () => void check({ n: 1 }, { timeout: '-1h' })),
      'pipeline "p": step "check": timeout: "-1h" must be longer',
    ],
    [
      'a condition on a parameter',
      () => pipeline('p', { params: { on: t.boolean() } }, ({ params }) => when(params.on, () => {})),
      'pipeline "p": when needs an output',
    ],
    [
      'a bad date',
      () => pipeline('p', { params: {} }, () => void notify({ reason: 'x', at: new Date('?') })),
      'input "at": the date is not valid',
    ],
    ['an empty gate', () => judged({}), 'an empty gate lets every model pass'],
    ['a gate of nothing', () => judged({ metrics: undefined }), 'an empty gate lets every model pass'],
    ['a champion without a name', () => judged({ champion: { alpha: 0.05 } }), 'give both or neither'],
    [
      'a champion without use',
      () => judged({ metrics: { r2: { min: 0 } } }, { champion: 'm@champion' }),
      'give both or neither',
    ],
  ])('refuses %s', (_what, define, message) => {
    expect(define).toThrow(TypeError)
    expect(define).toThrow(message)
  })

  it('is ready for the next pipeline after one that failed', () => {
    expect(() =>
      pipeline('p', { params: {} }, () => Promise.reject(new Error('x')).catch(() => {})),
    ).toThrow()
    expect(pipeline('q', { params: {} }, () => void check({ n: 1 })).name).toBe('q')
  })
})
