import type { WireMetric } from './wire.ts'

export const batchSize = 1000
/** On either side, so that series are equally long. */
export const batchesOfRun = 30
const firstAt = Date.UTC(2026, 0, 1)

/** What a load sends, in order; made in the process that sends it. */
export type Bodies =
  /** One point at a time, to each of the runs in turn. */
  | { kind: 'metric'; runs: readonly string[] }
  /** A thousand points at a time, of one series or of as many series; a run ends after so many batches. */
  | { kind: 'batch'; runs: readonly string[]; keys: 1 | 1000 }
  | { kind: 'same'; body: string }

/** The body of the n-th request. */
export function bodyOf(bodies: Bodies, n: number): string {
  switch (bodies.kind) {
    case 'metric': {
      const run_id = bodies.runs[n % bodies.runs.length]
      return JSON.stringify({ run_id, key: 'loss', value: 1 / (n + 1), timestamp: firstAt + n, step: n })
    }
    case 'batch':
      return JSON.stringify({
        run_id: bodies.runs[Math.floor(n / batchesOfRun)],
        metrics: batchOf(n % batchesOfRun, bodies.keys),
      })
    case 'same':
      return bodies.body
  }
}

function batchOf(n: number, keys: 1 | 1000): WireMetric[] {
  return Array.from({ length: batchSize }, (_, i) => {
    const step = keys === 1 ? n * batchSize + i : n
    return {
      key: keys === 1 ? 'loss' : `layer.${i}.norm`,
      value: Math.sin(n * batchSize + i),
      timestamp: firstAt + step * 1000,
      step,
    }
  })
}
