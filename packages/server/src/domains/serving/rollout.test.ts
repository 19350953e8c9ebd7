import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeStep } from './judge-step.ts'
import { type CanaryPolicy, endStep, startRollout, type VariantEvidence } from './rollout.ts'

const policy: CanaryPolicy = {
  steps: [10, 50, 100],
  minRequests: 100,
  minLabels: 50,
  maxErrorRate: 0.02,
  alpha: 0.01,
}
const start = () => startRollout({ candidate: 2, stable: 1, policy, at: 1000 })
const did = (more: Partial<VariantEvidence> = {}): VariantEvidence => ({
  requests: 200,
  errors: 0,
  labelled: 100,
  logLoss: { mean: 0.5, variance: 0.2 },
  ...more,
})
const none: VariantEvidence = { requests: 0, errors: 0, labelled: 0, logLoss: null }

describe('judging a step', () => {
  it.each<[string, Partial<VariantEvidence>, Partial<VariantEvidence>, string]>([
    ['no data', none, none, 'wait'],
    ['too few requests', { requests: 99 }, {}, 'wait'],
    ['too few labels', { labelled: 49 }, {}, 'wait'],
    ['too few labels of the stable revision', {}, { labelled: 49 }, 'wait'],
    ['as many as needed', { requests: 100, labelled: 50 }, { labelled: 50 }, 'advanced'],
    ['errors at the limit', { requests: 100, errors: 2 }, {}, 'advanced'],
    ['errors above the limit', { requests: 100, errors: 3 }, {}, 'rolled-back'],
    [
      'errors that can no longer be made up for',
      { requests: 5, errors: 3, labelled: 0, logLoss: null },
      none,
      'rolled-back',
    ],
    [
      'a failing model, whose labels never come',
      { errors: 200, labelled: 0, logLoss: null },
      {},
      'rolled-back',
    ],
    ['a worse log loss', { logLoss: { mean: 0.8, variance: 0.2 } }, {}, 'rolled-back'],
    ['a log loss that is worse by chance', { logLoss: { mean: 0.55, variance: 0.2 } }, {}, 'advanced'],
    ['a better log loss', { logLoss: { mean: 0.2, variance: 0.2 } }, {}, 'advanced'],
  ])('%s', (_, candidate, stable, outcome) => {
    const verdict = judgeStep(start(), { candidate: did(candidate), stable: did(stable) })
    expect(verdict.outcome).toBe(outcome)
    expect(verdict.reason.length).toBeGreaterThan(10)
  })

  it('promotes at the end, where no stable rows are left to compare with', () => {
    const last = { ...start(), step: 2, percent: 100 }
    expect(judgeStep(last, { candidate: did(), stable: none })).toMatchObject({
      outcome: 'promoted',
      evidence: { comparison: null },
    })
  })

  it('says what it saw', () => {
    const verdict = judgeStep(start(), {
      candidate: did({ logLoss: { mean: 0.8, variance: 0.2 } }),
      stable: did(),
    })
    expect(verdict.reason).toMatch(/^log loss is worse by 0\.3000 \(p = \S+, alpha 0\.01\)$/)
    expect(verdict.evidence.comparison?.difference).toBeCloseTo(0.3, 12)
  })
})

const count = fc.nat({ max: 300 })
const evidence: fc.Arbitrary<VariantEvidence> = fc
  .record({
    requests: count,
    errors: count,
    labelled: count,
    mean: fc.double({ min: 0, max: 3, noNaN: true }),
  })
  .map(({ requests, errors, labelled, mean }) => ({
    requests,
    errors: Math.min(errors, requests),
    labelled: Math.min(labelled, requests),
    logLoss: Math.min(labelled, requests) > 0 ? { mean, variance: 0.3 } : null,
  }))

describe('a rollout under any evidence', () => {
  it('only goes up, or ends; what ended stays; the history tells every step', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(evidence, evidence), { maxLength: 12 }), (sequence) => {
        let rollout = start()
        for (const [i, [candidate, stable]] of sequence.entries()) {
          const before = rollout
          const verdict = judgeStep(rollout, { candidate, stable })
          if (verdict.outcome === 'wait') continue
          rollout = endStep(rollout, { ...verdict, outcome: verdict.outcome, at: 2000 + i })
          if (before.state !== 'Progressing') {
            expect(rollout).toBe(before)
            continue
          }
          expect(rollout.history).toHaveLength(before.history.length + 1)
          if (rollout.state === 'Progressing') {
            expect(rollout.percent).toBeGreaterThan(before.percent)
            expect(candidate.requests).toBeGreaterThanOrEqual(policy.minRequests)
            expect(candidate.labelled).toBeGreaterThanOrEqual(policy.minLabels)
          }
          if (rollout.state === 'Promoted') expect(before.percent).toBe(100)
          if (rollout.state === 'RolledBack') expect(rollout.percent).toBe(0)
        }
        const shares = rollout.history.map(({ percent }) => percent)
        expect(shares).toEqual(policy.steps.slice(0, shares.length))
        expect(rollout.history.slice(0, -1).every(({ outcome }) => outcome === 'advanced')).toBe(true)
      }),
    )
  })

  it('can be aborted at any step', () => {
    const aborted = endStep(start(), { outcome: 'aborted', reason: 'by hand', evidence: null, at: 5 })
    expect(aborted).toMatchObject({ state: 'Aborted', percent: 0, endedAt: 5, reason: 'by hand' })
  })
})
