import { fail } from '@millrace/protocol'
import type { TaskContext } from '../../ports/executor.ts'
import type { BuiltInStep, StepContext } from './step.ts'
import { functionStep } from './validate.ts'

/** What a task process gets to run one attempt of one node. */
export interface StepTask {
  pipelineRun: string
  node: string
  attempt: number
  step: string
  code?: { bundle: string; name: string }
  inputs: Record<string, unknown>
}

export interface StepRunnerDeps {
  /** Calls back with the built-in steps and closes what they need afterwards. A project's own step needs none of it. */
  withSteps(use: (steps: ReadonlyMap<string, BuiltInStep>) => Promise<unknown>): Promise<unknown>
  loadFunction(ref: { bundle: string }, kind: string, name: string): Promise<(...args: unknown[]) => unknown>
}

/**
 * The inside of a task process: finds the step of a payload made by the orchestrator, runs it and gives its outputs.
 * A project's own step is called with its inputs and the {@link StepContext}.
 */
export function createStepRunner(
  deps: StepRunnerDeps,
): (payload: unknown, context: TaskContext) => Promise<unknown> {
  return async function runTask(payload, context) {
    const task = payload as StepTask
    const stepContext: StepContext = {
      pipelineRun: task.pipelineRun,
      node: task.node,
      attempt: task.attempt,
      signal: context.signal,
      progress: context.progress,
      log: context.log,
      tempDir: context.tempDir,
    }
    if (task.step === functionStep.name && task.code) {
      const run = await deps.loadFunction({ bundle: task.code.bundle }, 'step', task.code.name)
      return run(task.inputs, stepContext)
    }
    return deps.withSteps(async (steps) => {
      const step = steps.get(task.step)
      if (!step) throw fail('step.unknown', { step: task.step })
      return step.run(stepContext, task.inputs)
    })
  }
}
