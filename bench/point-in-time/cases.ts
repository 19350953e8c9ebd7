/** A spine of entity rows to which the features of two views are joined as they were known. */
export interface Case {
  name: string
  entityRows: number
  /** Of each of the two views. */
  featureRows: number
  keys: number
  /** Feast's default store, which takes minutes, has one. */
  rounds: number
  goals: {
    /** How many times faster than each of Feast's stores; null: recorded only. */
    time: { duckdb: number | null; dask: number | null }
    memory: number | null
  }
}

/** One run of one contender: from the Parquet files of the case to the joined Parquet file. */
export interface Run {
  seconds: number
  peakMb: number
}

export const ttlDays = 4
const days = 30

export const cases: readonly Case[] = [
  {
    name: '1m-rows-100k-features',
    entityRows: 1_000_000,
    featureRows: 100_000,
    keys: 10_000,
    rounds: 7,
    goals: { time: { duckdb: 1.5, dask: 5 }, memory: 1 },
  },
  {
    name: '100k-rows-1m-features',
    entityRows: 100_000,
    featureRows: 1_000_000,
    keys: 10_000,
    rounds: 7,
    goals: { time: { duckdb: 1.5, dask: 5 }, memory: 1 },
  },
  {
    name: '10m-rows-1m-features',
    entityRows: 10_000_000,
    featureRows: 1_000_000,
    keys: 100_000,
    rounds: 2,
    goals: { time: { duckdb: null, dask: 3 }, memory: null },
  },
]

/** Feature columns of view 0 or 1: three real numbers and two whole ones. */
export function featuresOf(view: number): { name: string; type: 'float64' | 'int64' }[] {
  const types = ['float64', 'float64', 'float64', 'int64', 'int64'] as const
  return types.map((type, i) => ({ name: `v${view}_f${i}`, type }))
}

/** The spine: `row_id`, `driver_id`, `event_timestamp` over 31 days, in the order of time. */
export function entitiesQuery({ entityRows, keys }: Case): string {
  return `SELECT row_number() OVER () - 1 AS row_id, driver_id, event_timestamp FROM (
      SELECT CAST(hash(i, 1) % ${keys} AS BIGINT) AS driver_id, ${at(`hash(i, 2) % ${(days + 1) * 86_400_000_000}`)} AS event_timestamp
      FROM range(${entityRows}) AS r(i) ORDER BY event_timestamp, i)`
}

/** A view's rows over 30 days: one in each slot of equal length per key, so that no two of a key are at one time. */
export function featureRowsQuery({ featureRows, keys }: Case, view: number): string {
  const slotUs = Math.floor((days * 86_400_000_000) / (featureRows / keys))
  const columns = featuresOf(view).map(({ name, type }, i) => {
    const random = `hash(i, ${view}, ${10 + i})`
    return type === 'int64'
      ? `CAST(${random} % 1000000 AS BIGINT) AS ${name}`
      : `(${random} % 1000000007) / 1000 AS ${name}`
  })
  return `SELECT i % ${keys} AS driver_id, ${at(`(i // ${keys}) * ${slotUs} + hash(i, ${view}) % ${slotUs}`)} AS event_timestamp,
      ${columns.join(', ')} FROM range(${featureRows}) AS r(i) ORDER BY event_timestamp, driver_id`
}

function at(microseconds: string): string {
  return `make_timestamp(1767225600000000 + CAST(${microseconds} AS BIGINT))`
}
