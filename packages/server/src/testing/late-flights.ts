import { join } from 'node:path'
import type { createTemporaryData } from './temporary-data.ts'

const day = 86_400_000
const rows = 12_000
/** Event time of the first made-up flight. They follow each other every six minutes for fifty days. */
export const firstFlight = Date.UTC(2001, 0, 1)

const late = {
  kind: 'training-set',
  name: 'late_flights',
  spine: 'flights',
  service: 'delay_features',
  label: { name: 'late', type: 'boolean', sql: 'delay > 15' },
}

/**
 * Training sets over one service: a sound one, one of a single class, one with missing labels; and one each with a text of
 * two classes, of three, and a number as label; two without a label; and endpoints for models of them.
 */
const definitions = [
  {
    kind: 'dataset',
    name: 'flights',
    source: { format: 'parquet', path: 'flights.parquet' },
    schema: {
      date: 'timestamp',
      delay: 'int64',
      distance: 'int64',
      origin: 'string',
      hour: 'int64',
      wind: 'float64',
      airline: 'string',
    },
    derived: {},
    timestamp: 'date',
    expectations: [],
  },
  { kind: 'entity', name: 'airport', key: { origin: 'string' } },
  {
    kind: 'feature-view',
    name: 'airport_delays',
    entity: 'airport',
    from: 'flights',
    timestamp: 'date',
    ttlMs: 30 * day,
    hopMs: 3_600_000,
    features: { departures_1d: { type: 'int64', aggregate: 'count', windowMs: day } },
  },
  {
    kind: 'feature-service',
    name: 'delay_features',
    featureViews: ['airport_delays'],
    onDemandViews: [],
    request: { distance: 'int64', origin: 'string', hour: 'int64', wind: 'float64' },
    timestamp: 'date',
  },
  {
    kind: 'feature-service',
    name: 'flown',
    featureViews: [],
    onDemandViews: [],
    request: { airline: 'string', origin: 'string' },
    timestamp: 'date',
  },
  { kind: 'training-set', name: 'all_flights', spine: 'flights', service: 'delay_features' },
  { kind: 'training-set', name: 'airlines', spine: 'flights', service: 'flown' },
  late,
  { ...late, name: 'never_late', label: { ...late.label, sql: 'delay > 100000' } },
  { ...late, name: 'unknown', label: { ...late.label, sql: 'CASE WHEN delay > 0 THEN true END' } },
  {
    ...late,
    name: 'outcomes',
    label: { name: 'outcome', type: 'string', sql: "CASE WHEN delay > 15 THEN 'late' ELSE 'in time' END" },
  },
  {
    ...late,
    name: 'breezes',
    label: {
      name: 'breeze',
      type: 'string',
      sql: "CASE WHEN wind > 0.5 THEN 'tail' WHEN wind < -0.5 THEN 'head' ELSE 'calm' END",
    },
  },
  {
    ...late,
    name: 'durations',
    label: { name: 'duration', type: 'float64', sql: 'distance * 0.1 + coalesce(wind, 0) * 20 + hour' },
  },
  ...['lateness', 'breezes', 'durations', 'all_flights'].map((name) => ({
    kind: 'endpoint',
    name,
    model: name,
    service: 'delay_features',
    canary: { steps: [50, 100], minRequests: 10, minLabels: 10, maxErrorRate: 0.05, alpha: 0.01 },
  })),
]

/**
 * Applies the definitions and ingests made-up flights. Wind decides on delays, which neither the hour nor the origin
 * knows; some of it is missing.
 */
export async function ingestLateFlights(stack: Awaited<ReturnType<typeof createTemporaryData>>) {
  await stack.apply(definitions)
  await stack.lake.writeParquet(
    `SELECT make_timestamp(${firstFlight * 1000} + i * 360 * 1000000) AS date,
       CASE WHEN sin(i * 12.9898) * 50 + sin(i * 78.233) * 25 > 20 THEN 30 ELSE 0 END AS delay,
       200 + i % 400 AS distance, 'A' || (i % 7) AS origin, (i * 6 // 60) % 24 AS hour,
       CASE WHEN i % 50 > 0 THEN sin(i * 12.9898) END AS wind,
       'L' || (i * i % 5) AS airline FROM range(${rows}) r(i)`,
    join(stack.dir, 'flights.parquet'),
  )
  const { dataset, version } = await stack.data.ingest({ dataset: 'flights' })
  return { dataset, version }
}
