import { compareMeans } from '@millrace/stats'
import type { Evidence, Rollout, RolloutOutcome, VariantEvidence } from './rollout.ts'

export interface Verdict {
  /** `wait`: not enough is known, which is never taken for success. */
  outcome: RolloutOutcome | 'wait'
  reason: string
  evidence: Evidence
}

/** Fewer labelled rows than this on either side say nothing about a mean. */
const comparable = 30

/**
 * Judges the present step of a rollout on what both variants did since it began.
 *
 * Errors roll back as soon as the limit can no longer be kept at `minRequests`, so a model that always fails does
 * not wait for labels that cannot come. Everything else is decided once, when the minimum of requests and labels is
 * there (labels of both variants, while both get traffic): repeated looks would find a difference by chance. The
 * last step has no concurrent stable rows and is judged by errors alone.
 */
export function judgeStep(
  { policy, percent, step }: Rollout,
  variants: { candidate: VariantEvidence; stable: VariantEvidence },
): Verdict {
  const { candidate, stable } = variants
  const comparison = compare(candidate, stable)
  const verdict = (outcome: Verdict['outcome'], reason: string): Verdict => ({
    outcome,
    reason,
    evidence: { ...variants, comparison },
  })

  if (candidate.errors > policy.maxErrorRate * Math.max(candidate.requests, policy.minRequests)) {
    return verdict(
      'rolled-back',
      `${candidate.errors} of ${candidate.requests} requests failed, allowed is ${percentText(policy.maxErrorRate)}`,
    )
  }
  if (candidate.requests < policy.minRequests) {
    return verdict('wait', `${candidate.requests} of ${policy.minRequests} requests so far`)
  }
  if (candidate.labelled < policy.minLabels) {
    return verdict('wait', `${candidate.labelled} of ${policy.minLabels} labels so far`)
  }
  if (percent < 100 && stable.labelled < policy.minLabels) {
    return verdict('wait', `the stable revision has ${stable.labelled} of ${policy.minLabels} labels so far`)
  }
  if (comparison && comparison.difference > 0 && comparison.pValue < policy.alpha) {
    return verdict(
      'rolled-back',
      `log loss is worse by ${comparison.difference.toFixed(4)} (p = ${comparison.pValue.toPrecision(2)}, alpha ${policy.alpha})`,
    )
  }
  const kept = comparison
    ? `log loss differs by ${comparison.difference.toFixed(4)} (p worse = ${comparison.pValue.toPrecision(2)})`
    : 'no labels of both variants to compare'
  const reason = `${candidate.requests} requests, ${candidate.errors} errors, ${candidate.labelled} labels; ${kept}`
  return verdict(step === policy.steps.length - 1 ? 'promoted' : 'advanced', reason)
}

function compare(candidate: VariantEvidence, stable: VariantEvidence): Evidence['comparison'] {
  if (!candidate.logLoss || !stable.logLoss) return null
  if (candidate.labelled < comparable || stable.labelled < comparable) return null
  const { difference, standardError, pValueGreater } = compareMeans(
    { count: stable.labelled, ...stable.logLoss },
    { count: candidate.labelled, ...candidate.logLoss },
  )
  return { difference, standardError, pValue: pValueGreater }
}

function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}
