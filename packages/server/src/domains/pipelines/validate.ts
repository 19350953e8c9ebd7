import { type Binding, fail, type PipelineDefinition, type PipelineNode } from '@millrace/protocol'
import { whyNotCron } from './cron.ts'
import type { StepIo, StepSignature, StepValueType } from './step.ts'
import { isAssignable, readValue } from './values.ts'

/**
 * The step whose code comes with the project. What it takes and gives is typed in the project and not known here,
 * so any input and output is accepted.
 */
export const functionStep: StepSignature = { name: 'function', inputs: {}, outputs: {} }

/**
 * Checks the graph of a pipeline: ids, steps, inputs, conditions and the types of everything that is bound.
 * @throws `definition.invalid` naming the node and the input.
 */
export function validatePipeline(
  pipeline: PipelineDefinition,
  steps: ReadonlyMap<string, StepSignature>,
): void {
  const refuse = (reason: string) =>
    fail('definition.invalid', { kind: 'pipeline', name: pipeline.name, reason })
  const positions = new Map<string, number>()
  for (const [position, node] of pipeline.nodes.entries()) {
    if (positions.has(node.id)) throw refuse(`the node "${node.id}" is there twice; give one another id`)
    positions.set(node.id, position)
  }
  for (const [name, param] of Object.entries(pipeline.params)) {
    if (param.default === undefined) continue
    const read = readValue(param.type, param.default)
    if ('reason' in read) throw refuse(`the default of parameter "${name}": ${read.reason}`)
  }

  checkSchedule(pipeline, refuse)

  const cycle = findCycle(pipeline.nodes)
  if (cycle) throw refuse(`the nodes ${cycle.map((id) => `"${id}"`).join(' -> ')} wait for each other`)

  const signatureOf = (node: PipelineNode) => {
    const found = node.step === functionStep.name ? functionStep : steps.get(node.step)
    if (!found) {
      const known = [...new Set([...steps.keys(), functionStep.name])].sort()
      throw refuse(`node "${node.id}" uses the unknown step "${node.step}"; there are ${known.join(', ')}`)
    }
    return found
  }

  function outputType(node: PipelineNode, at: string, from: { node: string; output: string }) {
    const position = positions.get(from.node)
    const source = position === undefined ? undefined : pipeline.nodes[position]
    if (!source || position === undefined) throw refuse(`${at} needs the unknown node "${from.node}"`)
    if (position >= (positions.get(node.id) ?? 0)) {
      throw refuse(`${at} needs the node "${from.node}", which comes later: put it first`)
    }
    const signature = signatureOf(source)
    if (signature === functionStep) return 'json'
    const output = signature.outputs[from.output]
    if (!output) {
      const known = Object.keys(signature.outputs).join(', ') || 'none'
      throw refuse(`${at} needs the output "${from.output}" of "${from.node}", which has: ${known}`)
    }
    return output.type
  }

  function bindingType(node: PipelineNode, at: string, binding: Exclude<Binding, { const: unknown }>) {
    if ('node' in binding) return outputType(node, at, binding)
    const param = pipeline.params[binding.param]
    if (!param) throw refuse(`${at} needs the unknown parameter "${binding.param}"`)
    return param.type
  }

  function checkInput(node: PipelineNode, input: string, io: StepIo | undefined) {
    const at = `node "${node.id}", input "${input}"`
    const expected: StepValueType = io?.type ?? 'json'
    const binding = node.inputs[input]
    if (!binding) {
      if (!io?.optional) throw refuse(`${at} is missing (${expected})`)
    } else if ('const' in binding) {
      const read = readValue(expected, binding.const)
      if ('reason' in read) throw refuse(`${at}: ${read.reason}`)
    } else {
      const type = bindingType(node, at, binding)
      if (!isAssignable(type, expected)) throw refuse(`${at} is bound to a ${type}, expected ${expected}`)
    }
  }

  for (const node of pipeline.nodes) {
    const signature = signatureOf(node)
    const isFunction = signature === functionStep
    if (isFunction !== (node.code !== undefined)) {
      throw refuse(
        `node "${node.id}" ${isFunction ? 'has no code for its function' : 'has code, but its step is built in'}`,
      )
    }
    const names = isFunction ? Object.keys(node.inputs) : Object.keys(signature.inputs)
    for (const input of Object.keys(node.inputs)) {
      if (!names.includes(input)) {
        throw refuse(
          `node "${node.id}" has the unknown input "${input}"; there are ${names.join(', ') || 'none'}`,
        )
      }
    }
    for (const input of names) checkInput(node, input, signature.inputs[input])
    for (const condition of node.when) {
      const at = `the condition of node "${node.id}"`
      const type = outputType(node, at, condition)
      if (!isAssignable(type, 'boolean')) {
        throw refuse(`${at} needs a boolean, "${condition.node}.${condition.output}" is ${type}`)
      }
    }
  }
}

/** Ids of the nodes whose outputs a node uses. */
export function upstreamOf(node: PipelineNode): string[] {
  const bound = Object.values(node.inputs).flatMap((binding) => ('node' in binding ? [binding.node] : []))
  return [...new Set([...bound, ...node.when.map((condition) => condition.node)])]
}

function findCycle(nodes: readonly PipelineNode[]): string[] | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const done = new Set<string>()
  for (const root of nodes) {
    // Depth first with an explicit path, because a chain may be longer than the call stack is deep.
    const path: { id: string; rest: string[] }[] = []
    const enter = (id: string) => path.push({ id, rest: upstreamOf(byId.get(id) ?? root) })
    if (!done.has(root.id)) enter(root.id)
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.rest.pop()
      if (next === undefined) done.add(path.pop()?.id ?? '')
      else if (path.some((step) => step.id === next)) {
        return [...path.slice(path.findIndex((step) => step.id === next)).map((step) => step.id), next]
      } else if (byId.has(next) && !done.has(next)) enter(next)
    }
  }
  return undefined
}

function checkSchedule({ schedule, params }: PipelineDefinition, refuse: (reason: string) => Error): void {
  if (!schedule) return
  const reason = whyNotCron(schedule)
  if (reason !== undefined) throw refuse(`schedule: ${reason}`)
  for (const name of Object.keys(schedule.params)) {
    if (params[name]?.type !== 'timestamp') throw refuse(`schedule: "${name}" is no timestamp parameter`)
  }
  for (const [name, param] of Object.entries(params)) {
    if (param.default === undefined && !Object.hasOwn(schedule.params, name))
      throw refuse(`schedule: the parameter "${name}" gets no value`)
  }
}
