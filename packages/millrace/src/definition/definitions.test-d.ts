import type { Client } from '@millrace/client'
import {
  aggregate,
  dataset,
  derive,
  entity,
  expect,
  featureService,
  featureView,
  generate,
  label,
  monitor,
  onDemand,
  parquet,
  type RequestOf,
  sql,
  type TrainingRowOf,
  t,
  trainingSet,
} from '../index.ts'
import {
  airport,
  airportDelays,
  calendar,
  delayFeatures,
  flights,
  late,
  type lateFlights,
  retraining,
} from '../testing/flights.ts'

// Compiled by `tsc`, never run: an expected error that is missing fails the check.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_T extends true>() => {}

holds<Equal<RequestOf<typeof late>, { date: Date; origin: string; distance: number }>>()
holds<
  Equal<
    TrainingRowOf<typeof lateFlights>,
    {
      date: Date
      origin: string
      distance: number
      mean_delay_24h: number | null
      departures_1h: number | null
      late_share_3h: number | null
      newest_distance: number | null
      hour: number | null
      weekday: number | null
      late: boolean
    }
  >
>()

const unlabelled = trainingSet('x', { spine: flights, service: delayFeatures })
holds<Equal<TrainingRowOf<typeof unlabelled>, Omit<TrainingRowOf<typeof lateFlights>, 'late'>>>()

const schema = { at: t.timestamp(), origin: t.string(), delay: t.int64() }
const source = parquet('x.parquet')

// A timestamp that is no timestamp column, or no column at all.
// @ts-expect-error
dataset('x', { source, schema, timestamp: 'delay' })
// @ts-expect-error
dataset('x', { source, schema, timestamp: 'att' })
dataset('x', { source, schema, derived: { known: derive(t.timestamp(), 'at') }, timestamp: 'known' })

// Rows that a function makes have the columns of the schema; personal data is masked only where it is text.
const at = new Date(0)
const madeRows = generate({ compute: () => [[{ at, origin: 'a', delay: null }]] })
const ofOtherType = generate({ compute: () => [[{ at, origin: 1, delay: 1 }]] })
const withoutDelay = generate({ compute: () => [[{ at, origin: 'a' }]] })
dataset('x', { source: madeRows, schema, timestamp: 'at' })
// @ts-expect-error
dataset('x', { source: ofOtherType, schema, timestamp: 'at' })
// @ts-expect-error
dataset('x', { source: withoutDelay, schema, timestamp: 'at' })
// @ts-expect-error
t.int64({ pii: 'age', mask: 'hash' })

// Rules that do not fit a column's type, and a misspelt column.
// @ts-expect-error
dataset('x', { source, schema, timestamp: 'at', expect: (c) => [expect(c.delay).toMatch(/a/)] })
// @ts-expect-error
dataset('x', { source, schema, timestamp: 'at', expect: (c) => [expect(c.origin).toBeBetween(1, 2)] })
// @ts-expect-error
dataset('x', { source, schema, timestamp: 'at', expect: (c) => [expect(c.origin).toBeIn([1])] })
// @ts-expect-error
dataset('x', { source, schema, timestamp: 'at', expect: (c) => [expect(c.orgin).notToBeNull()] })

const options = { entity: airport, from: flights }
// An entity whose key the dataset lacks, or has with another type.
const carrier = entity('carrier', { key: { carrier: t.string() } })
// @ts-expect-error
featureView('x', { entity: carrier, from: flights, features: () => ({ n: aggregate.count('1h') }) })
const byNumber = entity('by_number', { key: { origin: t.int64() } })
// @ts-expect-error
featureView('x', { entity: byNumber, from: flights, features: () => ({ n: aggregate.count('1h') }) })
// A misspelt column, an aggregate of a text, a time that is not one, a wrong duration.
// @ts-expect-error
featureView('x', { ...options, features: (f) => ({ n: aggregate.mean(f.dely, '1h') }) })
// @ts-expect-error
featureView('x', { ...options, features: (f) => ({ n: aggregate.mean(f.origin, '1h') }) })
// @ts-expect-error
featureView('x', { ...options, features: (f) => ({ n: aggregate.sum(f.date, '1h') }) })
// @ts-expect-error
featureView('x', { ...options, features: (f) => ({ n: aggregate.min(f.origin, '1h') }) })
const typed = featureView('x', {
  ...options,
  features: (f) => ({
    newest: aggregate.max(f.date, '1h'),
    often: aggregate.top(f.origin, '1h', { rank: 2 }),
    spread: aggregate.std(f.delay, '1h'),
    places: aggregate.distinct(f.origin, '1h'),
  }),
})
holds<
  Equal<typeof typed.features, { newest: 'timestamp'; often: 'string'; spread: 'float64'; places: 'int64' }>
>()
// @ts-expect-error
featureView('x', { ...options, timestamp: 'delay', features: () => ({ n: aggregate.count('1h') }) })
// @ts-expect-error
featureView('x', { ...options, ttl: '30 days', features: () => ({ n: aggregate.count('1h') }) })

// Ranges have values of the feature's type, and only of types that have them.
featureView('x', {
  ...options,
  features: (f) => ({
    n: aggregate.count('1h', { min: 0, description: 'Departures.', tags: { tier: 'gold' } }),
    often: aggregate.top(f.origin, '1h', { rank: 2, in: ['JFK'], outside: 'refuse' }),
    newest: aggregate.max(f.date, '1h', { min: new Date(0), outside: 'clip' }),
  }),
})
// @ts-expect-error
featureView('x', { ...options, features: (f) => ({ n: aggregate.top(f.origin, '1h', { in: [1] }) }) })
// @ts-expect-error
featureView('x', { ...options, features: (f) => ({ n: aggregate.max(f.date, '1h', { min: 0 }) }) })
// @ts-expect-error
featureView('x', { ...options, features: (f) => ({ n: aggregate.top(f.origin, '1h', { min: 'a' }) }) })
// @ts-expect-error
t.boolean({ in: [true] })
// @ts-expect-error
t.int64({ max: 23, outside: 'drop' })

// A query has the columns that are declared; its timestamp is one of them, and the entity's key is there.
const uses = [flights] as const
const columns = { origin: t.string(), known: t.timestamp() }
const query = sql('SELECT origin, date AS known FROM flights', { uses, columns, timestamp: 'known' })
const queried = featureView('x', {
  entity: airport,
  from: query,
  features: (f) => ({ known: aggregate.max(f.known, '1h') }),
})
holds<Equal<typeof queried.features, { known: 'timestamp' }>>()
// @ts-expect-error
featureView('x', { entity: airport, from: query, features: (f) => ({ n: aggregate.max(f.date, '1h') }) })
// @ts-expect-error
featureView('x', { entity: carrier, from: query, features: () => ({ n: aggregate.count('1h') }) })
// @ts-expect-error
sql('SELECT 1', { uses, columns, timestamp: 'origin' })

// A function that reads an input it does not name, or gives a wrong type or too few features.
const input = { date: t.timestamp() }
const features = { h: t.int64() }
// @ts-expect-error
onDemand('x', { input, features, compute: (row) => ({ h: row.time }) })
// @ts-expect-error
onDemand('x', { input, features, compute: () => ({ h: 'one' }) })
// @ts-expect-error
onDemand('x', { input, features, compute: () => ({}) })

// A spine without the request feature, the key, or the timestamp that the service needs.
const weight = featureService('x', [airportDelays], { request: { weight: t.float64() }, timestamp: 'date' })
const late15 = label('late', t.boolean(), 'delay > 15')
// @ts-expect-error
trainingSet('x', { spine: flights, service: weight, label: late15 })
const spine = dataset('spine', { source, schema, timestamp: 'at' })
// @ts-expect-error
trainingSet('x', { spine, service: delayFeatures, label: late15 })
const otherTime = featureService('x', [airportDelays, calendar], { timestamp: 'at' })
// @ts-expect-error
trainingSet('x', { spine: flights, service: otherTime, label: late15 })

// A request with a missing field, a wrong type, an unknown field.
// @ts-expect-error
holds<Equal<RequestOf<typeof late>, { date: Date; origin: string }>>()
export const request: RequestOf<typeof late> = { date: new Date(0), origin: 'JFK', distance: 1 }
// @ts-expect-error
export const missing: RequestOf<typeof late> = { date: new Date(0), origin: 'JFK' }
// @ts-expect-error
export const wrong: RequestOf<typeof late> = { date: new Date(0), origin: 1, distance: 1 }
// @ts-expect-error
export const misspelt: TrainingRowOf<typeof lateFlights>['mean_dely_24h'] = 1

// A monitor that leaves a time of its pipeline open, or names one that is not there.
const base = { pipeline: retraining, cooldown: '7d', alerts: 1, ofWindows: 1, maxFailures: 1 } as const
// @ts-expect-error
monitor('x', { endpoint: late, window: '1d', retrain: { ...base, params: { until: '0d' } } })
const times = { from: '-90d', split: '-14d', until: '0d' } as const
// @ts-expect-error
monitor('x', { endpoint: late, window: '1d', retrain: { ...base, params: { ...times, til: '0d' } } })
// @ts-expect-error
monitor('x', { endpoint: late, window: '1d', retrain: { ...base, params: { ...times, trees: '0d' } } })

// A client knows the inputs of a project's endpoint.
declare const client: Client
client.predict(late, { inputs: { date: new Date(0), origin: 'JFK', distance: 1 } })
// @ts-expect-error
client.predict(late, { inputs: { date: new Date(0), origin: 'JFK' } })
// @ts-expect-error
client.predict(late, { inputs: { date: new Date(0), origin: 'JFK', distance: '1' } })
