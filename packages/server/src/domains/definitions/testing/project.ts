import type { Definition } from '@millrace/protocol'

const hour = 3_600_000

/** A small, whole project: one definition of each kind that refers to others. */
export function project(): Definition[] {
  return [
    {
      kind: 'dataset',
      name: 'flights',
      source: { format: 'parquet', path: 'flights.parquet' },
      schema: { date: 'timestamp', delay: 'int64', distance: 'int64', origin: 'string' },
      derived: { departed_at: { type: 'timestamp', sql: 'date + to_minutes(greatest(delay, 0))' } },
      timestamp: 'date',
      expectations: [],
    },
    { kind: 'entity', name: 'airport', key: { origin: 'string' } },
    {
      kind: 'feature-view',
      name: 'airport_delays',
      entity: 'airport',
      from: 'flights',
      timestamp: 'departed_at',
      ttlMs: 30 * 24 * hour,
      hopMs: hour,
      features: {
        avg_delay_24h: { type: 'float64', aggregate: 'mean', sql: 'delay', windowMs: 24 * hour },
        departures_1h: { type: 'int64', aggregate: 'count', windowMs: hour },
      },
    },
    {
      kind: 'on-demand-view',
      name: 'calendar',
      input: { date: 'timestamp' },
      features: { hour: 'int64' },
      code: { bundle: '0'.repeat(64) },
    },
    {
      kind: 'feature-service',
      name: 'delay_features',
      featureViews: ['airport_delays'],
      onDemandViews: ['calendar'],
      request: { distance: 'int64' },
      timestamp: 'date',
    },
    {
      kind: 'training-set',
      name: 'late_flights',
      spine: 'flights',
      service: 'delay_features',
      label: { name: 'late', type: 'boolean', sql: 'delay > 15' },
    },
    {
      kind: 'endpoint',
      name: 'lateness',
      model: 'late-flights',
      service: 'delay_features',
      canary: { steps: [10, 50, 100], minRequests: 10, minLabels: 0, maxErrorRate: 0.01, alpha: 0.01 },
    },
    {
      kind: 'pipeline',
      name: 'training',
      params: { until: { type: 'timestamp' } },
      nodes: [
        {
          id: 'ingest',
          step: 'ingest',
          inputs: { dataset: { const: 'flights' } },
          when: [],
          timeoutMs: 60_000,
          retries: 0,
        },
      ],
    },
    {
      kind: 'monitor',
      name: 'lateness-daily',
      endpoint: 'lateness',
      windowMs: 24 * hour,
      drift: { alpha: 0.01, minEffect: 0.1, minRows: 100, windows: 1 },
      calibration: { alpha: 0.01, minEffect: 0.02, windows: 7, minLabels: 1000 },
      retrain: null,
    },
  ]
}
