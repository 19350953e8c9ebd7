import { isPlatformError, type PipelineNode } from '@millrace/protocol'
import type { TaskError, TaskOutcome } from '../../ports/executor.ts'
import { readOutputs } from './plan.ts'
import { retryDelayMs } from './retry.ts'
import type { AttemptState, StepState } from './run.ts'
import type { StepSignature } from './step.ts'
import { functionStep } from './validate.ts'

export interface Settlement {
  attempt: AttemptState
  state: StepState
  outputs?: Record<string, unknown>
  error?: TaskError
  failures: number
  retryAt: number | null
}

export interface SettleSituation {
  node: PipelineNode
  signature: StepSignature
  failures: number
  cancelRequested: boolean
  now: number
  random: number
}

/** What becomes of a step when its task has ended. */
export function settle(outcome: TaskOutcome, situation: SettleSituation): Settlement {
  const { failures, cancelRequested } = situation
  if (outcome.state === 'cancelled') {
    return cancelRequested
      ? { attempt: 'cancelled', state: 'cancelled', failures, retryAt: null }
      : // Nobody asked for it: the control plane goes down. The next one starts the step again.
        { attempt: 'lost', state: 'pending', failures, retryAt: null }
  }
  if (outcome.state === 'failed') return settleFailure(outcome.error, situation)
  try {
    const open = situation.signature === functionStep
    const outputs = readOutputs(outcome.result, situation.signature, open)
    return { attempt: 'succeeded', state: 'succeeded', outputs, failures, retryAt: null }
  } catch (error) {
    return settleFailure(toTaskError(error), situation)
  }
}

function settleFailure(error: TaskError, situation: SettleSituation): Settlement {
  const failures = situation.failures + 1
  const again = error.retryable && failures <= situation.node.retries && !situation.cancelRequested
  return {
    attempt: 'failed',
    state: again ? 'pending' : 'failed',
    error,
    failures,
    retryAt: again ? situation.now + retryDelayMs(failures, situation.random) : null,
  }
}

/** @throws what is no error of the catalogue: that is a fault of ours, not of the step. */
export function toTaskError(error: unknown): TaskError {
  if (!isPlatformError(error)) throw error
  return { code: error.code, message: error.message, retryable: error.retryable }
}
