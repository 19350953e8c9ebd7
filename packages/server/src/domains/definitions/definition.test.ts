import type { Definition } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { type Lookup, requestSchema } from './columns.ts'
import { changeOf, parseDefinition, versionOf } from './definition.ts'
import { checkReferences } from './references.ts'
import { project } from './testing/project.ts'

describe('parseDefinition', () => {
  it('takes every kind that the example project uses', () => {
    for (const definition of project()) expect(parseDefinition(definition)).toBe(definition)
  })

  it.each([
    [null, /the kind must be one of/],
    [{ kind: 'model', name: 'x' }, /kind must be one of dataset, /],
    [{ kind: 'entity', name: 'air port', key: { a: 'string' } }, /entity "air port".*name/],
    [{ kind: 'entity', name: 'airport', key: { a: 'text' } }, /key\.a/],
    [{ kind: 'entity', name: 'airport', key: { a: 'string' }, color: 1 }, /not valid/],
    [{ kind: 'entity', name: '../../etc', key: { a: 'string' } }, /name/],
    [{ kind: 'entity', name: 'airport', key: { 'a"b': 'string' } }, /key/],
    [{ kind: 'entity', name: 'airport', key: { 'a b': 'string' } }, /key/],
  ])('refuses %o', (candidate, message) => {
    expect(() => parseDefinition(candidate)).toThrow(message)
  })
})

describe('changeOf', () => {
  const [dataset] = project()

  it('names the fields that differ and knows what breaks others', () => {
    const before = dataset as Definition & { kind: 'dataset' }
    const wider = { ...before, schema: { ...before.schema, carrier: 'string' as const } }
    expect(changeOf(before, { ...before })).toMatchObject({ action: 'unchanged', destructive: false })
    expect(changeOf(undefined, before)).toMatchObject({ action: 'create', destructive: false })
    expect(changeOf(before, undefined)).toMatchObject({ action: 'delete', destructive: true })
    expect(changeOf(before, wider)).toMatchObject({
      action: 'update',
      fields: ['schema'],
      destructive: false,
    })
    expect(changeOf(wider, before)).toMatchObject({ action: 'update', fields: ['schema'], destructive: true })
  })

  it('gives a dataset one version wherever its file lies', () => {
    const before = dataset as Definition & { kind: 'dataset' }
    const moved = { ...before, source: { ...before.source, path: '/elsewhere/flights.parquet' } }
    expect(versionOf(moved)).toBe(versionOf(before))
    expect(changeOf(before, moved)).toMatchObject({
      action: 'update',
      fields: ['source'],
      destructive: false,
    })
  })

  it('keeps the version of a definition that is described in other words', () => {
    const view = project().find(({ kind }) => kind === 'feature-view') as Definition & {
      kind: 'feature-view'
    }
    const about = { departures_1h: { description: 'Departures.', tags: { tier: 'gold' } } }
    const described = { ...view, description: 'How late.', owner: 'ops', tags: { team: 'ops' }, about }
    expect(parseDefinition(described)).toBe(described)
    expect(versionOf(described)).toBe(versionOf(view))
    expect(changeOf(view, described)).toEqual({
      action: 'update',
      kind: 'feature-view',
      name: 'airport_delays',
      fields: ['about', 'description', 'owner', 'tags'],
      sameVersion: true,
      destructive: false,
    })
    const flights = project().find(({ kind }) => kind === 'dataset') as Definition
    expect(versionOf({ ...flights, keep: { last: 5 } } as Definition)).toBe(versionOf(flights))
    const bounded = { ...view, ranges: { departures_1h: { max: 100, outside: 'clip' as const } } }
    expect(versionOf(bounded)).not.toBe(versionOf(view))
    expect(changeOf(view, bounded)).not.toHaveProperty('sameVersion')
  })

  it('gives equal definitions one version, whatever the order of their keys', () => {
    const reversed = Object.fromEntries(Object.entries(dataset).reverse()) as unknown as Definition
    expect(versionOf(reversed)).toBe(versionOf(dataset))
  })
})

describe('checkReferences', () => {
  const lookupIn = (definitions: Definition[]) =>
    ((kind, name) => definitions.find((d) => d.kind === kind && d.name === name)) as Lookup
  const check = (changed: Definition) => {
    const all = project().map((d) => (d.kind === changed.kind && d.name === changed.name ? changed : d))
    for (const definition of all) checkReferences(definition, lookupIn(all))
  }
  const of = <K extends Definition['kind']>(kind: K) =>
    project().find((d) => d.kind === kind) as Extract<Definition, { kind: K }>

  it('accepts the example project', () => {
    expect(() => check(of('dataset'))).not.toThrow()
  })

  it.each([
    [{ ...of('dataset'), timestamp: 'origin' }, /timestamp needs a timestamp column, "origin" is string/],
    [{ ...of('dataset'), timestamp: 'when' }, /timestamp names the column "when"; there are date, /],
    [{ ...of('feature-view'), from: 'trains' }, /from names the dataset "trains", which does not exist/],
    [
      {
        ...of('feature-view'),
        features: { n: { type: 'int64' as const, aggregate: 'count' as const, windowMs: 5_400_000 } },
      },
      /window of feature "n" must be a multiple/,
    ],
    [
      { ...of('feature-view'), features: { d: { type: 'string' as const, last: 'delay' } } },
      /needs a string column/,
    ],
    [
      { ...of('feature-service'), request: { departures_1h: 'int64' as const } },
      /comes from both airport_delays/,
    ],
    [{ ...of('feature-service'), request: { carrier: 'string' as const } }, /column "carrier"/],
    [
      { ...of('feature-view'), about: { speed: {} } },
      /about names the feature "speed"; there are avg_delay_24h, /,
    ],
    [
      { ...of('on-demand-view'), ranges: { hour: { in: ['a'], outside: 'null' as const } } },
      /range of feature "hour": "a" is no int64/,
    ],
    [
      {
        ...of('feature-service'),
        request: { origin: 'string' as const },
        ranges: { origin: { in: ['JFK'], outside: 'null' as const } },
      },
      /"origin" outside of its range can only be refused: it is the key of "airport_delays"/,
    ],
    [
      { ...of('endpoint'), canary: { ...of('endpoint').canary, steps: [50, 10, 100] } },
      /canary.steps must ascend and end with 100/,
    ],
    [
      {
        ...of('monitor'),
        retrain: {
          pipeline: 'training',
          cooldownMs: 0,
          alerts: 1,
          ofWindows: 1,
          maxFailures: 1,
          params: { since: { offsetMs: 0 } },
        },
      },
      /names "since", which is no timestamp parameter/,
    ],
  ] as [Definition, RegExp][])('refuses what does not fit together: %#', (changed, message) => {
    expect(() => check(changed)).toThrow(message)
  })

  it('derives what a caller sends from keys, time, request features and inputs', () => {
    const all = project()
    expect(requestSchema(of('feature-service'), lookupIn(all))).toEqual({
      date: 'timestamp',
      origin: 'string',
      distance: 'int64',
    })
  })
})

describe('what live revisions need of requests', () => {
  const of = <K extends Definition['kind']>(kind: K) =>
    project().find((d) => d.kind === kind) as Extract<Definition, { kind: K }>

  it('is not taken away in passing', () => {
    const service = of('feature-service')
    const [column] = Object.keys(service.request)
    const { [column]: _, ...request } = service.request
    expect(changeOf(service, { ...service, request })).toMatchObject({ destructive: true })
    expect(changeOf(service, { ...service, timestamp: 'when' })).toMatchObject({ destructive: true })
    const dataset = of('dataset')
    const derived = { ...dataset.derived, twice: { type: 'int64' as const, sql: 'delay * 2' } }
    const before = { ...dataset, derived }
    expect(changeOf(dataset, before)).toMatchObject({ destructive: false })
    expect(changeOf(before, dataset)).toMatchObject({ destructive: true })
    const thrice = { ...derived, twice: { ...derived.twice, sql: 'delay * 3' } }
    expect(changeOf(before, { ...dataset, derived: thrice })).toMatchObject({ destructive: true })
    const view = of('on-demand-view')
    const [input] = Object.keys(view.input)
    expect(changeOf(view, { ...view, input: { ...view.input, [input]: 'boolean' } })).toMatchObject({
      destructive: true,
    })
    expect(changeOf(view, { ...view, code: { bundle: 'f'.repeat(64) } })).toMatchObject({
      destructive: false,
    })
  })
})
