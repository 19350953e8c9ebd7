import { path, type Transport } from './transport.ts'

export interface MonitorWindow {
  /** Event time, milliseconds; the end does not belong to it. */
  start: number
  end: number
  requests: number
  labelled: number
  /** Null while no label, or only one class, is known. */
  auc: number | null
  logLoss: number | null
  /** Sums over labelled rows: positives, predicted probabilities, p (1 - p). */
  calibration: { labelled: number; observed: number; expected: number; variance: number }
  meanPrediction: number | null
  modelVersions: string[]
  drift: ColumnDrift[]
  /** Set if the scores of the last windows no longer mean what they say. */
  alert: CalibrationAlert | null
  revision: number
  /** No further label is waited for. */
  final: boolean
  evaluatedAt: number
}

/** Sums over the labelled requests of a window. */
export interface CalibrationSums {
  labelled: number
  /** Positive labels. */
  observed: number
  /** Sum of predicted probabilities. */
  expected: number
  /** Sum of p (1 - p). */
  variance: number
}

export interface ColumnDrift {
  name: string
  tested: boolean
  pValue: number
  adjustedP: number
  effect: number
  drifted: boolean
}

export interface CalibrationAlert {
  windows: number
  labelled: number
  predictedRate: number
  observedRate: number
  gap: number
  pValue: number
}

export interface MonitorDecision {
  action: 'none' | 'retrain' | 'cooling-down' | 'gave-up'
  reason: string
  evidence: Record<string, unknown>
  windowStart: number
  /** End of the window that it was made for. */
  decidedFor: number
  pipelineRun: string | null
  outcome: 'promoted' | 'refused' | 'failed' | null
  decidedAt: number
}

export function monitoringCalls({ send }: Transport) {
  return {
    monitors: {
      /** Judges all windows that ended by an event time (milliseconds) and decides on retraining. */
      evaluate: (monitor: string, until: number) =>
        send<{ windows: MonitorWindow[]; decisions: MonitorDecision[] }>({
          method: 'POST',
          path: path`/v1/monitors/${monitor}/evaluate`,
          body: { until },
          idempotent: true,
        }),
      windows: (monitor: string) =>
        send<{ items: MonitorWindow[] }>({ method: 'GET', path: path`/v1/monitors/${monitor}/windows` }),
      decisions: (monitor: string) =>
        send<{ items: MonitorDecision[] }>({
          method: 'GET',
          path: path`/v1/monitors/${monitor}/decisions`,
        }),
    },
  }
}
