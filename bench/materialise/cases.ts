import type { Definition } from '@millrace/protocol'

export interface Case {
  name: string
  keys: number
  /** What the rows of a key are: its newest values, or events that are aggregated over windows. */
  kind: 'newest' | 'windows'
  rounds: number
  peer: boolean
  /** Whether the rate that we want is a goal. */
  goal: boolean
}

export const featuresPerView = 10
export const features = Array.from({ length: featuresPerView }, (_, i) => `f${i}`)
export const start = Date.UTC(2026, 0, 1)
export const until = start + 30 * 86_400_000

export const cases: readonly Case[] = [
  { name: '100k-keys', keys: 100_000, kind: 'newest', rounds: 3, peer: true, goal: false },
  { name: '1m-keys', keys: 1_000_000, kind: 'newest', rounds: 3, peer: false, goal: true },
  { name: '1m-keys-windows', keys: 1_000_000, kind: 'windows', rounds: 1, peer: false, goal: false },
]

/** A key has one row, and every fourth key an older one as well. */
export function rowsQuery({ keys }: Case): string {
  const values = features.map((name, i) => `((user + ${i}) * (age + 1) % 1000003) / 8.0 AS ${name}`)
  return `SELECT make_timestamp(${start * 1000} + (user * 7919 % 2000000) * 1000000 + (1 - age) * 86400000000) AS "at",
      user, ${values.join(', ')}
    FROM (SELECT i % ${keys} AS user, i // ${keys} AS age FROM range(${keys * 2}) r(i))
    WHERE age = 0 OR user % 4 = 0 ORDER BY "at", user`
}

export function definitionsOf({ kind }: Case): Definition[] {
  const newest = Object.fromEntries(features.map((name) => [name, { type: 'float64' as const, last: name }]))
  const windows = Object.fromEntries(
    features.map((name) => [
      name,
      { type: 'float64' as const, aggregate: 'sum' as const, sql: name, windowMs: 30 * 86_400_000 },
    ]),
  )
  return [
    {
      kind: 'dataset',
      name: 'events',
      source: { format: 'parquet', path: 'rows.parquet' },
      schema: {
        at: 'timestamp',
        user: 'int64',
        ...Object.fromEntries(features.map((name) => [name, 'float64'] as const)),
      },
      derived: {},
      timestamp: 'at',
      expectations: [],
    },
    { kind: 'entity', name: 'user', key: { user: 'int64' } },
    {
      kind: 'feature-view',
      name: 'users',
      entity: 'user',
      from: 'events',
      timestamp: 'at',
      ttlMs: null,
      hopMs: 3_600_000,
      features: kind === 'newest' ? newest : windows,
    },
  ]
}

/** Keys whose values both sides must agree on. */
export const sampledKeys = [0, 1, 4, 77, 1000, 99_999]
