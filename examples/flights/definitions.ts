import {
  aggregate,
  dataset,
  derive,
  endpoint,
  entity,
  expect,
  featureService,
  featureView,
  label,
  onDemand,
  parquet,
  sql,
  t,
  trainingSet,
} from 'millrace'

/** Three million US flights, 2001-01-01 to 2001-06-30; the file is in the npm package vega-datasets. */
export const flights = dataset('flights', {
  source: parquet('../../node_modules/vega-datasets/data/flights-3m.parquet'),
  schema: {
    date: t.timestamp(),
    delay: t.int64(),
    distance: t.int64(),
    origin: t.string(),
    destination: t.string(),
  },
  derived: {
    // A delay is known once the flight has left: never use it before.
    departed_at: derive(t.timestamp(), 'date + to_minutes(greatest(delay, 0))'),
  },
  timestamp: 'date',
  expect: (c) => [
    expect(c.date).notToBeNull(),
    expect(c.delay).notToBeNull(),
    expect(c.origin).notToBeNull(),
    expect(c.origin).toMatch(/^[A-Z]{3}$/),
    expect(c.destination).toMatch(/^[A-Z]{3}$/),
    expect(c.distance).toBeBetween(1, 6000),
    expect(c.delay).toBeBetween(-120, 2000).mostly(0.999),
    expect.rowCount({ min: 1000 }),
  ],
})

export const airport = entity('airport', { key: { origin: t.string() } })

/** How the airport of departure is doing, from flights that have left already. */
export const airportDelays = featureView('airport_delays', {
  entity: airport,
  from: flights,
  timestamp: 'departed_at',
  ttl: '30d',
  every: '1h',
  features: (f) => ({
    avg_delay_24h: aggregate.mean(f.delay, '24h'),
    late_share_3h: aggregate.mean(sql`delay > 15`, '3h'),
    late_share_7d: aggregate.mean(sql`delay > 15`, '7d'),
    departures_1h: aggregate.count('1h'),
  }),
})

/** Written once, used by training and by serving. */
export const calendar = onDemand('calendar', {
  input: { date: t.timestamp() },
  features: { hour: t.int64(), weekday: t.int64() },
  compute: ({ date }) => ({ hour: date.getUTCHours(), weekday: date.getUTCDay() }),
})

export const delayFeatures = featureService('delay_features', [airportDelays, calendar], {
  timestamp: 'date',
  request: { distance: t.int64(), origin: t.string(), destination: t.string() },
})

export const lateFlights = trainingSet('late_flights', {
  spine: flights,
  service: delayFeatures,
  label: label('late', t.boolean(), 'delay > 15'),
})

export const lateness = endpoint('lateness', {
  model: 'late-flights',
  service: delayFeatures,
  // Flights of a day are late together: they prove less than as many that have nothing to do with each other.
  canary: { steps: [10, 50, 100], minRequests: 60, minLabels: 60, maxErrorRate: 0.01, alpha: 0.001 },
})
