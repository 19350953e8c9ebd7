import type { MonitorDefinition } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { decide, type JudgedWindow, judgeCalibration, type PastDecision } from './policy.ts'

const day = 86_400_000
const calibration: MonitorDefinition['calibration'] = {
  alpha: 0.01,
  minEffect: 0.02,
  windows: 3,
  minLabels: 1000,
}
const policy: NonNullable<MonitorDefinition['retrain']> = {
  pipeline: 'retrain',
  cooldownMs: 14 * day,
  alerts: 2,
  ofWindows: 3,
  maxFailures: 2,
  params: {},
}

function window(index: number, observed: number, expected = 200): JudgedWindow {
  const sums = { labelled: 1000, observed, expected, variance: 160 }
  const base = {
    start: index * day,
    end: (index + 1) * day,
    requests: 1000,
    labelled: 1000,
    calibration: sums,
  }
  return {
    ...base,
    auc: 0.7,
    logLoss: 0.4,
    meanPrediction: 0.2,
    modelVersions: ['m/1'],
    profiles: null,
    drift: [],
    alert: null,
  }
}

function judged(observed: number[]): JudgedWindow[] {
  const windows = observed.map((o, i) => window(i, o))
  return windows.map((w, i) => ({ ...w, alert: judgeCalibration(windows.slice(0, i + 1), calibration) }))
}

describe('judgeCalibration', () => {
  it('is silent while the predictions hold, and while there is too little evidence', () => {
    expect(judged([200, 205, 190, 203]).map((w) => w.alert)).toEqual([null, null, null, null])
    expect(judged([100, 100]).map((w) => w.alert)).toEqual([null, null])
  })

  it('alerts on a lasting gap in either direction and says how large it is', () => {
    expect(judged([150, 155, 160]).at(-1)?.alert?.gap).toBeCloseTo(0.045)
    expect(judged([250, 245, 240]).at(-1)?.alert?.gap).toBeCloseTo(-0.045)
  })

  it('does not take one bad day for a lasting change', () => {
    expect(judged([200, 205, 60]).at(-1)?.alert).toBeNull()
  })
})

describe('decide', () => {
  const bad = judged([150, 155, 160, 150, 155])

  it('retrains when enough windows alert and says what it saw', () => {
    const decision = decide(policy, bad, [])
    expect(decision.action).toBe('retrain')
    expect(decision.reason).toMatch(/predicts 20\.0 % positive, observed 15\.\d %/)
  })

  it('says why it does nothing', () => {
    expect(decide(policy, [], [])).toEqual({ action: 'none', reason: 'no window has been judged yet' })
    expect(decide(policy, judged([200, 200, 200]), [])).toEqual({
      action: 'none',
      reason: '0 alerting windows, 2 of the last 3 are needed',
    })
  })

  it('cools down, and gives up after retrainings that bought nothing', () => {
    const past = (decidedFor: number, outcome: PastDecision['outcome']): PastDecision => ({
      action: 'retrain',
      decidedFor,
      outcome,
    })
    expect(decide(policy, bad, [past(2 * day, 'promoted')]).action).toBe('cooling-down')
    expect(decide(policy, bad, [past(-20 * day, 'refused'), past(-40 * day, 'promoted')]).action).toBe(
      'retrain',
    )
    expect(decide(policy, bad, [past(-40 * day, 'refused'), past(-20 * day, 'failed')]).action).toBe(
      'gave-up',
    )
    expect(decide(policy, bad, [past(-40 * day, 'refused'), past(-20 * day, 'promoted')]).action).toBe(
      'retrain',
    )
  })
})
