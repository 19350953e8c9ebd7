import { fail, type PipelineDefinition, type PipelineNode } from '@millrace/protocol'
import type { RunState, StepState } from './run.ts'
import type { StepSignature } from './step.ts'
import { upstreamOf } from './validate.ts'
import { readValue } from './values.ts'

/** What the plan needs to know of a step. */
export interface PlannedStep {
  state: StepState
  outputs: Record<string, unknown> | null
  retryAt: number | null
}

export interface Plan {
  /** Nodes that will not run, with the reason. */
  skip: { node: string; reason: string }[]
  /** Nodes that can be started now, in the order of the definition. */
  ready: PipelineNode[]
  /** Set once nothing is left to do. */
  finished?: Exclude<RunState, 'running'>
}

/**
 * Decides what comes next in a run; pure, so the same state always gives the same plan.
 *
 * A node waits for all nodes that it uses. It is skipped if one of those was skipped, failed or cancelled, or if a
 * condition is not `true`; its siblings go on. A run with a failed node has failed, once all others have ended.
 */
export function planRun(
  definition: PipelineDefinition,
  steps: ReadonlyMap<string, PlannedStep>,
  situation: { now: number; cancelRequested: boolean },
): Plan {
  const states = new Map([...steps].map(([node, step]) => [node, step.state]))
  const plan: Plan = { skip: [], ready: [] }
  // Nodes only use earlier ones, so one pass carries a skip all the way down.
  for (const node of definition.nodes) {
    const step = steps.get(node.id)
    if (step?.state !== 'pending' || situation.cancelRequested) continue
    const upstream = upstreamOf(node)
    const missing = upstream.find((id) => endedWithoutOutputs(states.get(id)))
    if (missing !== undefined) {
      states.set(node.id, 'skipped')
      plan.skip.push({ node: node.id, reason: `"${missing}" ${states.get(missing)}` })
      continue
    }
    if (!upstream.every((id) => states.get(id) === 'succeeded')) continue
    const unmet = node.when.find((c) => steps.get(c.node)?.outputs?.[c.output] !== true)
    if (unmet) {
      states.set(node.id, 'skipped')
      plan.skip.push({ node: node.id, reason: `"${unmet.node}.${unmet.output}" is not true` })
    } else if (step.retryAt === null || step.retryAt <= situation.now) plan.ready.push(node)
  }
  const all = [...states.values()]
  if (situation.cancelRequested) {
    if (!all.includes('running')) plan.finished = 'cancelled'
  } else if (!all.includes('running') && !all.includes('pending')) {
    plan.finished = all.includes('failed') ? 'failed' : all.includes('cancelled') ? 'cancelled' : 'succeeded'
  }
  return plan
}

function endedWithoutOutputs(state: StepState | undefined): boolean {
  return state === 'skipped' || state === 'failed' || state === 'cancelled'
}

/**
 * The inputs of a node as its step gets them.
 * @throws `step.input_invalid` if an output that it is bound to is absent or of another type than was declared.
 */
export function readInputs(
  node: PipelineNode,
  signature: StepSignature,
  sources: { params: Record<string, unknown>; steps: ReadonlyMap<string, PlannedStep> },
): Record<string, unknown> {
  const inputs: Record<string, unknown> = {}
  for (const [name, binding] of Object.entries(node.inputs)) {
    const io = signature.inputs[name] ?? { type: 'json' as const }
    const value =
      'const' in binding
        ? binding.const
        : 'param' in binding
          ? sources.params[binding.param]
          : sources.steps.get(binding.node)?.outputs?.[binding.output]
    if (value === undefined && io.optional) continue
    const read = readValue(io.type, value)
    if ('reason' in read) throw fail('step.input_invalid', { input: name, reason: read.reason })
    inputs[name] = read.value
  }
  return inputs
}

/**
 * The outputs that a step gave, checked against what it declares; only declared ones are kept (all of a function's).
 * @throws `step.output_invalid`
 */
export function readOutputs(
  result: unknown,
  signature: StepSignature,
  open: boolean,
): Record<string, unknown> {
  const given = (result ?? {}) as Record<string, unknown>
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw fail('step.output_invalid', { output: '*', reason: 'the step must give an object of outputs' })
  }
  if (open) return given
  const outputs: Record<string, unknown> = {}
  for (const [name, io] of Object.entries(signature.outputs)) {
    if (given[name] === undefined && io.optional) continue
    const read = readValue(io.type, given[name])
    if ('reason' in read) throw fail('step.output_invalid', { output: name, reason: read.reason })
    outputs[name] = read.value
  }
  return outputs
}
