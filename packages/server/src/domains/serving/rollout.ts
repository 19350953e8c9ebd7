import type { EndpointDefinition } from '@millrace/protocol'

export type CanaryPolicy = EndpointDefinition['canary']
type RolloutState = 'Progressing' | 'Promoted' | 'RolledBack' | 'Aborted'

/** What one variant did since the step began. */
export interface VariantEvidence {
  requests: number
  /** Requests on which the model itself failed. */
  errors: number
  /** Answered requests whose label has arrived. */
  labelled: number
  /** Mean and sample variance of the log loss over the labelled ones; null without any. */
  logLoss: { mean: number; variance: number } | null
}

export interface Evidence {
  candidate: VariantEvidence
  stable: VariantEvidence
  /** One-sided test that the candidate's log loss is worse; null if there was nothing to compare. */
  comparison: { difference: number; standardError: number; pValue: number } | null
}

export type RolloutOutcome = 'advanced' | 'promoted' | 'rolled-back' | 'aborted'

/** How a step ended. */
export interface RolloutStep {
  step: number
  percent: number
  startedAt: number
  endedAt: number
  outcome: RolloutOutcome
  reason: string
  /** Null if a person, or something other than traffic, decided. */
  evidence: Evidence | null
}

/** The way of a candidate to all of the traffic. Holds its own policy: a new definition counts for the next one. */
export interface Rollout {
  candidate: number
  stable: number
  policy: CanaryPolicy
  state: RolloutState
  /** Index into the policy's steps. */
  step: number
  /** The candidate's share of the traffic now. */
  percent: number
  startedAt: number
  stepStartedAt: number
  endedAt: number | null
  /** Why it is over; null while in progress. */
  reason: string | null
  history: RolloutStep[]
}

export function startRollout(input: {
  candidate: number
  stable: number
  policy: CanaryPolicy
  at: number
}): Rollout {
  return {
    candidate: input.candidate,
    stable: input.stable,
    policy: input.policy,
    state: 'Progressing',
    step: 0,
    percent: input.policy.steps[0] ?? 100,
    startedAt: input.at,
    stepStartedAt: input.at,
    endedAt: null,
    reason: null,
    history: [],
  }
}

/** The rollout after its present step ended so. A rollout that is over does not change any more. */
export function endStep(
  rollout: Rollout,
  end: { outcome: RolloutOutcome; reason: string; evidence: Evidence | null; at: number },
): Rollout {
  if (rollout.state !== 'Progressing') return rollout
  const { at, ...how } = end
  const { step, percent, stepStartedAt } = rollout
  const ended: Rollout = {
    ...rollout,
    history: [...rollout.history, { step, percent, startedAt: stepStartedAt, endedAt: at, ...how }],
  }
  if (end.outcome === 'advanced') {
    const next = rollout.policy.steps[step + 1]
    if (next === undefined) throw new TypeError('The last step cannot advance: it is promoted')
    return { ...ended, step: step + 1, percent: next, stepStartedAt: at }
  }
  const over = { ...ended, endedAt: at, reason: end.reason }
  if (end.outcome === 'promoted') return { ...over, state: 'Promoted', percent: 100 }
  return { ...over, state: end.outcome === 'aborted' ? 'Aborted' : 'RolledBack', percent: 0 }
}
