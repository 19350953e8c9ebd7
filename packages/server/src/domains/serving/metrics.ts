import { Counter, Histogram, type Registry } from 'prom-client'

type RequestOutcome = 'ok' | 'degraded' | 'invalid' | 'overloaded' | 'failed'
type ExplanationOutcome = 'ok' | 'failed' | 'overloaded'

/** What serving counts. Labels are bounded: endpoints and revisions that exist, and a fixed set of outcomes. */
export interface ServingMetrics {
  countRows(endpoint: string, revision: number | null, outcome: RequestOutcome): void
  countExplanations(endpoint: string, outcome: ExplanationOutcome): void
  observeLatency(endpoint: string, seconds: number): void
  countLogBytes(endpoint: string, log: 'predictions' | 'feedback', bytes: number): void
}

/** The metrics in Prometheus' vocabulary, registered once. */
export function createServingMetrics(registry: Registry): ServingMetrics {
  const registers = [registry]
  const rows = new Counter({
    name: 'millrace_prediction_rows_total',
    help: 'Rows asked for, by the revision that answered and the outcome',
    labelNames: ['endpoint', 'revision', 'outcome'],
    registers,
  })
  const explanations = new Counter({
    name: 'millrace_explanation_rows_total',
    help: 'Rows whose prediction was to be explained, by the outcome',
    labelNames: ['endpoint', 'outcome'],
    registers,
  })
  const latency = new Histogram({
    name: 'millrace_prediction_seconds',
    help: 'Time of a row from the queue to its logged answer',
    labelNames: ['endpoint'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers,
  })
  const bytes = new Counter({
    name: 'millrace_serving_log_bytes_total',
    help: 'Bytes appended to the logs of an endpoint',
    labelNames: ['endpoint', 'log'],
    registers,
  })
  return {
    countRows: (endpoint, revision, outcome) =>
      rows.inc({ endpoint, revision: revision === null ? 'none' : String(revision), outcome }),
    countExplanations: (endpoint, outcome) => explanations.inc({ endpoint, outcome }),
    observeLatency: (endpoint, seconds) => latency.observe({ endpoint }, seconds),
    countLogBytes: (endpoint, log, count) => bytes.inc({ endpoint, log }, count),
  }
}
