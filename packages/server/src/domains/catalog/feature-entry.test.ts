import type { FeatureViewDefinition, OnDemandViewDefinition } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { type FeatureFilter, findFeatures } from './feature-entry.ts'

const hour = 3_600_000
const delays: FeatureViewDefinition = {
  kind: 'feature-view',
  name: 'airport_delays',
  description: 'How late flights leave.',
  owner: 'ops@air',
  tags: { tier: 'gold', team: 'ops' },
  entity: 'airport',
  from: 'flights',
  timestamp: 'at',
  ttlMs: null,
  hopMs: hour,
  features: {
    mean_delay: { type: 'float64', aggregate: 'mean', sql: 'delay', windowMs: hour },
    newest: { type: 'int64', last: 'delay' },
  },
  about: {
    newest: { description: 'Minutes of the last flight.', owner: 'data@air', tags: { tier: 'silver' } },
  },
}
const calendar: OnDemandViewDefinition = {
  kind: 'on-demand-view',
  name: 'calendar',
  input: { at: 'timestamp' },
  features: { hour: 'int64', newest_day: 'boolean' },
  code: { bundle: '0'.repeat(64) },
}

const find = (filter: FeatureFilter) =>
  findFeatures([calendar, delays], filter).map(({ view, feature }) => `${view}:${feature}`)

test('a feature has what its view says, unless it says it itself', () => {
  expect(findFeatures([delays], {})).toEqual([
    {
      view: 'airport_delays',
      feature: 'mean_delay',
      kind: 'feature-view',
      type: 'float64',
      entity: 'airport',
      aggregate: 'mean',
      windowMs: hour,
      description: null,
      owner: 'ops@air',
      tags: { tier: 'gold', team: 'ops' },
    },
    {
      view: 'airport_delays',
      feature: 'newest',
      kind: 'feature-view',
      type: 'int64',
      entity: 'airport',
      aggregate: 'last',
      windowMs: null,
      description: 'Minutes of the last flight.',
      owner: 'data@air',
      tags: { tier: 'silver', team: 'ops' },
    },
  ])
})

test.each<[FeatureFilter, string[]]>([
  [{}, ['airport_delays:mean_delay', 'airport_delays:newest', 'calendar:hour', 'calendar:newest_day']],
  // Called so, then in the name, then elsewhere.
  [{ search: 'newest' }, ['airport_delays:newest', 'calendar:newest_day']],
  [{ search: 'FLIGHT' }, ['airport_delays:mean_delay', 'airport_delays:newest']],
  [{ search: 'minutes last' }, ['airport_delays:newest']],
  [{ search: 'minutes mean' }, []],
  [{ search: 'tier=gold' }, ['airport_delays:mean_delay']],
  [{ owner: 'ops@air' }, ['airport_delays:mean_delay']],
  [{ tags: ['team', 'tier=silver'] }, ['airport_delays:newest']],
  [{ tags: ['tier=bronze'] }, []],
  [{ entity: 'airport', search: 'newest' }, ['airport_delays:newest']],
  [{ view: 'calendar' }, ['calendar:hour', 'calendar:newest_day']],
])('found by %o', (filter, names) => {
  expect(find(filter)).toEqual(names)
})
