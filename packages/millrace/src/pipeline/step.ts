import type { ProjectFunction } from '../definition/compilable.ts'
import { checkColumnNames, checkName } from '../definition/names.ts'
import { addNode, type NodeOptions, type OutputHandles } from './graph.ts'
import type { Input, StepValueOf, StepValueSpec } from './value.ts'

/** What a step is told about the run it belongs to, and how it reports. */
export interface StepContext {
  readonly pipelineRun: string
  readonly node: string
  /** Begins at 1. A step may run again after a crash: key what it creates by `pipelineRun` and `node`. */
  readonly attempt: number
  /** Aborts when the run is cancelled or the step takes too long. */
  readonly signal: AbortSignal
  /** An empty folder that is removed afterwards. */
  readonly tempDir: string
  progress(progress: { fraction?: number; message: string }): void
  log(line: string): void
}

type Specs = Readonly<Record<string, StepValueSpec>>
type Values<S extends Specs> = { [K in keyof S]: StepValueOf<S[K]['type']> }

/** A step of the project: called in a pipeline's body like the built-in ones. */
export type Step<I extends Specs, O extends Specs> = (
  inputs: { [K in keyof I]: Input<I[K]['type']> },
  options?: NodeOptions,
) => OutputHandles<O>

/**
 * Defines a step with a function of the project. It runs alone in a child process, which may have run another
 * step of the project before; what it takes and gives are small values and references, which travel as JSON.
 * @throws TypeError for a bad name.
 */
export function step<I extends Specs, O extends Specs>(
  name: string,
  definition: {
    inputs: I
    outputs: O
    run(inputs: Values<I>, context: StepContext): Values<O> | Promise<Values<O>>
  },
): Step<I, O> {
  const { inputs, outputs, run } = definition
  checkName('step', name)
  checkColumnNames(`step "${name}"`, [...Object.keys(inputs), ...Object.keys(outputs)])
  const own: ProjectFunction = {
    kind: 'step',
    name,
    source: definition,
    async run(given: Record<string, unknown>, context: StepContext) {
      const result: Record<string, unknown> = await run(fromWire(inputs, given) as Values<I>, context)
      return toWire(`step "${name}"`, outputs, result)
    },
  }
  return (given, options) => addNode({ step: name, inputs: given, outputs, options, run: own })
}

/** Times travel as milliseconds. */
function fromWire(specs: Specs, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { type }]) => {
      const value = values[name]
      const isTime = type === 'timestamp' && (typeof value === 'number' || typeof value === 'string')
      return [name, isTime ? new Date(value) : value]
    }),
  )
}

function toWire(owner: string, specs: Specs, values: Record<string, unknown> | undefined) {
  return Object.fromEntries(
    Object.keys(specs).map((name) => {
      const value = values?.[name]
      if (value === undefined) throw new TypeError(`${owner} returned no output "${name}"`)
      return [name, value instanceof Date ? value.getTime() : value]
    }),
  )
}
