/** A spine of entity rows to which the features of two views are joined as they were known. */
export interface Case {
  name: string
  entityRows: number
  /** Of each view. */
  featureRows: number
  /** Each has five features. */
  views: number
  keys: number
  /** Feast's default store, which takes minutes, has one. */
  rounds: number
  /** Those of Feast's stores that can do it. Without any nothing checks our result. */
  peers: readonly ('duckdb' | 'dask')[]
  goals: {
    /** How many times faster than each of Feast's stores; null: recorded only. */
    time: { duckdb: number | null; dask: number | null }
    memory: number | null
    /** What we may take at most, whatever the peers take. */
    seconds?: number
    peakMb?: number
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
    views: 2,
    keys: 10_000,
    rounds: 7,
    peers: ['duckdb', 'dask'],
    goals: { time: { duckdb: 1.5, dask: 5 }, memory: 1 },
  },
  {
    name: '100k-rows-1m-features',
    entityRows: 100_000,
    featureRows: 1_000_000,
    views: 2,
    keys: 10_000,
    rounds: 7,
    peers: ['duckdb', 'dask'],
    goals: { time: { duckdb: 1.5, dask: 5 }, memory: 1, seconds: 1.5, peakMb: 500 },
  },
  {
    name: '10m-rows-1m-features',
    entityRows: 10_000_000,
    featureRows: 1_000_000,
    views: 2,
    keys: 100_000,
    rounds: 2,
    peers: ['duckdb', 'dask'],
    goals: { time: { duckdb: null, dask: 3 }, memory: null },
  },
  {
    name: '1m-rows-10m-features-5-views',
    entityRows: 1_000_000,
    featureRows: 10_000_000,
    views: 5,
    keys: 100_000,
    rounds: 2,
    peers: ['duckdb'],
    goals: { time: { duckdb: null, dask: null }, memory: null, seconds: 20 },
  },
  {
    name: '1m-rows-10m-features',
    entityRows: 1_000_000,
    featureRows: 10_000_000,
    views: 2,
    keys: 100_000,
    rounds: 2,
    peers: [],
    goals: { time: { duckdb: null, dask: null }, memory: null },
  },
  {
    name: '1m-rows-100m-features',
    entityRows: 1_000_000,
    featureRows: 100_000_000,
    views: 2,
    keys: 1_000_000,
    rounds: 1,
    peers: [],
    goals: { time: { duckdb: null, dask: null }, memory: null },
  },
]

/** Numbers of the views of a case. */
export function viewsOf({ views }: Pick<Case, 'views'>): number[] {
  return Array.from({ length: views }, (_, view) => view)
}

/** Feature columns of a view: three real numbers and two whole ones. */
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
