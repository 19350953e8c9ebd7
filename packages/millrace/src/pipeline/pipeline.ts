import type { ColumnType, PipelineDefinition, ValueOf } from '@millrace/protocol'
import type { ColumnSpec } from '../definition/column.ts'
import { type Compilable, requireBundle } from '../definition/compilable.ts'
import type { Duration } from '../definition/duration.ts'
import { checkColumnNames, checkName } from '../definition/names.ts'
import { collectGraph } from './graph.ts'
import { createHandle, type Handle } from './value.ts'

/** A parameter: its type, and the value it has if none is given. */
export interface ParamSpec<T extends ColumnType = ColumnType, HasDefault extends boolean = boolean>
  extends ColumnSpec<T> {
  readonly default?: unknown
  /** Only a type: no value is there. */
  readonly '~hasDefault'?: HasDefault
}

/** Parameters of a pipeline. */
export type ParamSpecs = Readonly<Record<string, ParamSpec>>

/** A parameter with a value to use when none is given: `param(t.int64(), 100)`. */
export function param<T extends ColumnType>(spec: ColumnSpec<T>, preset: ValueOf<T>): ParamSpec<T, true> {
  return { type: spec.type, default: preset instanceof Date ? preset.getTime() : preset }
}

type ParamHandles<P extends ParamSpecs> = { readonly [K in keyof P]: Handle<P[K]['type']> }

type IsPreset<S> = S extends { readonly '~hasDefault'?: infer D } ? (D extends true ? true : false) : false

/** Offsets for the timestamp parameters of a pipeline; those with a default may be left out. */
export type TimeParams<P extends ParamSpecs> = {
  [K in keyof P as P[K]['type'] extends 'timestamp'
    ? IsPreset<P[K]> extends true
      ? never
      : K
    : never]: Duration
} & {
  [K in keyof P as P[K]['type'] extends 'timestamp'
    ? IsPreset<P[K]> extends true
      ? K
      : never
    : never]?: Duration
}

/** A graph of steps. `P`: its parameters. */
export interface Pipeline<P extends ParamSpecs = ParamSpecs> extends Compilable {
  readonly kind: 'pipeline'
  readonly params: P
}

/**
 * Defines a pipeline. The body runs once, now, and builds a static graph: a step called in it returns handles of
 * its outputs, to be given to other steps.
 * @throws TypeError for a bad name, a node id that is there twice, or an async body.
 */
export function pipeline<P extends ParamSpecs>(
  name: string,
  options: { params: P },
  body: (scope: { params: ParamHandles<P> }) => void,
): Pipeline<P> {
  checkName('pipeline', name)
  const params = Object.entries(options.params)
  checkColumnNames(`pipeline "${name}"`, Object.keys(options.params))
  const handles = Object.fromEntries(
    params.map(([id, { type }]) => [id, createHandle(type, { param: id })]),
  ) as ParamHandles<P>
  const graph = collectGraph(name, () => body({ params: handles }))
  return {
    kind: 'pipeline',
    name,
    params: options.params,
    uses: [...graph.uses],
    functions: graph.functions,
    compile: (context): PipelineDefinition => ({
      kind: 'pipeline',
      name,
      params: Object.fromEntries(
        params.map(([id, spec]) => [
          id,
          { type: spec.type, ...(spec.default === undefined ? {} : { default: spec.default }) },
        ]),
      ),
      nodes: graph.nodes.map(({ functionName, ...node }) => {
        if (functionName === undefined) return node
        const bundle = requireBundle(`pipeline "${name}": step "${node.id}"`, context)
        return { ...node, code: { bundle, name: functionName } }
      }),
    }),
  }
}
