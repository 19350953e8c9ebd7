import type { MonitorDefinition } from '@millrace/protocol'
import { type ColumnDrift, type PooledCalibration, pooledCalibration } from '@millrace/stats'
import type { WindowResult } from './window.ts'

export interface JudgedWindow extends WindowResult {
  /** Every tested column and the score itself (`prediction`) over the last windows, the strongest effect first. */
  drift: ColumnDrift[]
  /** Set if the scores of the last windows no longer mean what they say. */
  alert: PooledCalibration | null
}

/**
 * Judges calibration over the last windows: an alert needs enough labels, significance, and a gap that matters.
 * Null also while there is too little evidence: no data is neither good nor bad.
 */
export function judgeCalibration(
  windows: readonly WindowResult[],
  options: MonitorDefinition['calibration'],
): PooledCalibration | null {
  const recent = windows.filter((w) => w.labelled > 0).slice(-options.windows)
  const labelled = recent.reduce((sum, w) => sum + w.labelled, 0)
  if (recent.length < options.windows || labelled < options.minLabels) return null
  const pooled = pooledCalibration(recent.map((w) => w.calibration))
  return pooled.pValue < options.alpha && Math.abs(pooled.gap) >= options.minEffect ? pooled : null
}

export type DecisionAction = 'none' | 'retrain' | 'cooling-down' | 'gave-up'

export interface Decision {
  action: DecisionAction
  reason: string
}

export interface PastDecision {
  action: DecisionAction
  /** End of the window that it was made for. */
  decidedFor: number
  /** `promoted`: a new version went live; `refused`: the gate or the rollout said no; `failed`: the run failed. */
  outcome: 'promoted' | 'refused' | 'failed' | null
}

/**
 * What to do after a window: retrain when enough of the last windows alert, unless a retraining is too recent or too
 * many in a row bought nothing. Says why also when it does nothing.
 */
export function decide(
  policy: NonNullable<MonitorDefinition['retrain']>,
  windows: readonly JudgedWindow[],
  past: readonly PastDecision[],
): Decision {
  const current = windows.at(-1)
  if (!current) return { action: 'none', reason: 'no window has been judged yet' }
  const recent = windows.slice(-policy.ofWindows)
  const alerting = recent.filter((w) => w.alert !== null)
  if (alerting.length < policy.alerts) {
    const need = `${policy.alerts} of the last ${policy.ofWindows}`
    return { action: 'none', reason: `${alerting.length} alerting windows, ${need} are needed` }
  }
  const retrainings = past.filter((d) => d.action === 'retrain')
  const last = retrainings.at(-1)
  if (last && current.end - last.decidedFor < policy.cooldownMs) {
    const days = ((current.end - last.decidedFor) / 86_400_000).toFixed(1)
    const needed = (policy.cooldownMs / 86_400_000).toFixed(1)
    return { action: 'cooling-down', reason: `retrained ${days} days ago, the cooldown is ${needed} days` }
  }
  const failures = retrainings.length - 1 - retrainings.findLastIndex((d) => d.outcome === 'promoted')
  if (failures >= policy.maxFailures) {
    return {
      action: 'gave-up',
      reason: `${failures} retrainings in a row were not promoted; a person must look`,
    }
  }
  return { action: 'retrain', reason: describe(current, alerting) }
}

function describe(current: JudgedWindow, alerting: readonly JudgedWindow[]): string {
  const alert = alerting.at(-1)?.alert
  const drifted = current.drift.filter((d) => d.drifted).map((d) => d.name)
  const calibration = alert
    ? `predicts ${percent(alert.predictedRate)} positive, observed ${percent(alert.observedRate)} over ` +
      `${alert.windows} windows and ${alert.labelled} labels (p ${alert.pValue.toExponential(1)})`
    : 'calibration'
  return drifted.length > 0 ? `${calibration}; drifted: ${drifted.join(', ')}` : calibration
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
