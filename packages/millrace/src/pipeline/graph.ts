import type { Binding, PipelineNode } from '@millrace/protocol'
import type { Compilable, ProjectFunction } from '../definition/compilable.ts'
import { type Duration, parseDuration } from '../definition/duration.ts'
import { checkName } from '../definition/names.ts'
import {
  bindingOf,
  createHandle,
  type Handle,
  outputOf,
  type StepValueSpec,
  type StepValueType,
} from './value.ts'

/** How a node is run; the second argument of every step. */
export interface NodeOptions {
  /** Name of the node in the graph. Default: the step's name, numbered when it is repeated. */
  id?: string
  /** Default: one hour. */
  timeout?: Duration
  /** Attempts after the first one, for errors that may pass. Default: 2. */
  retries?: number
}

/** A node before its bundle is known: `functionName` marks the project's own step. */
interface GraphNode extends Omit<PipelineNode, 'code'> {
  functionName?: string
}

interface Graph {
  pipeline: string
  nodes: GraphNode[]
  uses: Set<Compilable>
  functions: ProjectFunction[]
  /** Conditions of the enclosing `when` calls. */
  conditions: { node: string; output: string }[]
}

// The graph under construction. `pipeline` calls its body synchronously, so there is never more than one.
let current: Graph | undefined

/**
 * Runs the body of a pipeline and collects the nodes of the steps it calls.
 * @throws TypeError if the body is asynchronous, has no steps, or is inside another pipeline.
 */
export function collectGraph(pipeline: string, body: () => unknown): Graph {
  if (current) throw new TypeError(`pipeline "${pipeline}" is defined inside pipeline "${current.pipeline}"`)
  const graph: Graph = { pipeline, nodes: [], uses: new Set(), functions: [], conditions: [] }
  current = graph
  try {
    if (body() instanceof Promise)
      throw new TypeError(`pipeline "${pipeline}": the body must not be async; it builds the graph`)
  } finally {
    current = undefined
  }
  if (graph.nodes.length === 0) throw new TypeError(`pipeline "${pipeline}" has no steps`)
  return graph
}

/**
 * Runs the steps called in the body only if the condition is true; else they, and all that need them, are
 * skipped.
 * @throws TypeError outside of a pipeline, or if the condition is not an output of a step.
 */
export function when(condition: Handle<'boolean'>, body: () => void): void {
  const graph = requireGraph('when')
  const output = outputOf(condition)
  if (!output) throw new TypeError(`pipeline "${graph.pipeline}": when needs an output of a step`)
  graph.conditions.push(output)
  try {
    body()
  } finally {
    graph.conditions.pop()
  }
}

/** One call of a step. */
export interface StepCall<O extends Record<string, StepValueSpec>> {
  step: string
  inputs: Record<string, unknown>
  outputs: O
  options: NodeOptions | undefined
  /** Definitions that the step names. */
  uses?: readonly Compilable[]
  /** The project's own step. */
  run?: ProjectFunction
}

/** Handles of a step's outputs. */
export type OutputHandles<O extends Record<string, StepValueSpec>> = {
  readonly [K in keyof O]: Handle<O[K]['type']>
}

/**
 * Adds a node to the graph under construction.
 * @throws TypeError outside of a pipeline, or for an id that is taken or not a name.
 */
export function addNode<O extends Record<string, StepValueSpec>>(call: StepCall<O>): OutputHandles<O> {
  const graph = requireGraph(call.step)
  const { options = {} } = call
  const id = options.id ?? freeId(graph, call.step)
  const owner = `pipeline "${graph.pipeline}": step "${id}"`
  checkName(`pipeline "${graph.pipeline}": step`, id)
  if (graph.nodes.some((node) => node.id === id))
    throw new TypeError(`${owner} is there twice; give another id`)
  const inputs: Record<string, Binding> = {}
  for (const [name, value] of Object.entries(call.inputs)) {
    if (value !== undefined) inputs[name] = bindingOf(`${owner}: input "${name}"`, value)
  }
  graph.nodes.push({
    id,
    step: call.run ? 'function' : call.step,
    ...(call.run ? { functionName: call.run.name } : {}),
    inputs,
    when: [...graph.conditions],
    timeoutMs: parseDuration(options.timeout ?? '1h', `${owner}: timeout`),
    retries: options.retries ?? 2,
  })
  for (const used of call.uses ?? []) graph.uses.add(used)
  if (call.run) graph.functions.push(call.run)
  const handles = Object.entries(call.outputs).map(
    ([output, { type }]: [string, { type: StepValueType }]) => [
      output,
      createHandle(type, { node: id, output }),
    ],
  )
  return Object.fromEntries(handles) as OutputHandles<O>
}

function requireGraph(what: string): Graph {
  if (current) return current
  throw new TypeError(`"${what}" can only be called in the body of a pipeline`)
}

function freeId(graph: Graph, step: string): string {
  const taken = new Set(graph.nodes.map((node) => node.id))
  let id = step
  for (let n = 2; taken.has(id); n++) id = `${step}-${n}`
  return id
}
