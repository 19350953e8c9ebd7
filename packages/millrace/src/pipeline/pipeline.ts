import type { ColumnType, PipelineDefinition, PipelineSchedule, ValueOf } from '@millrace/protocol'
import type { ColumnSpec } from '../definition/column.ts'
import { type Compilable, requireBundle } from '../definition/compilable.ts'
import { type Duration, parseDuration } from '../definition/duration.ts'
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

/** When a pipeline starts by itself. */
export interface Schedule<P extends ParamSpecs> {
  /** Minute, hour, day of the month, month, day of the week: `0 3 * * 0` is three o'clock on Sundays. */
  cron: string
  /** IANA name, such as `Europe/Berlin`. Default: `UTC`. */
  timezone?: string
  /**
   * What becomes of the times that passed while no server ran: one run for the newest of them (the default), one for each,
   * or none.
   */
  catchUp?: 'latest' | 'all' | 'none'
  /** The pipeline's times, as offsets from the scheduled time: `{ until: '0d', from: '-90d' }`. */
  params: TimeParams<P>
}

/** A graph of steps. `P`: its parameters. */
export interface Pipeline<P extends ParamSpecs = ParamSpecs> extends Compilable {
  readonly kind: 'pipeline'
  readonly params: P
}

/**
 * Defines a pipeline. The body runs once, now, and builds a static graph: a step called in it returns handles of
 * its outputs, to be given to other steps.
 * @param options `schedule`: when it starts by itself.
 * @throws TypeError for a bad name, a node id that is there twice, an async body, or a parameter without a value in the schedule.
 */
export function pipeline<P extends ParamSpecs>(
  name: string,
  options: { params: P; schedule?: Schedule<P> },
  body: (scope: { params: ParamHandles<P> }) => void,
): Pipeline<P> {
  checkName('pipeline', name)
  const params = Object.entries(options.params)
  checkColumnNames(`pipeline "${name}"`, Object.keys(options.params))
  const handles = Object.fromEntries(
    params.map(([id, { type }]) => [id, createHandle(type, { param: id })]),
  ) as ParamHandles<P>
  const graph = collectGraph(name, () => body({ params: handles }))
  const schedule =
    options.schedule && scheduleOf(`pipeline "${name}": schedule`, options.params, options.schedule)
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
      ...(schedule && { schedule }),
    }),
  }
}

function scheduleOf<P extends ParamSpecs>(owner: string, params: P, schedule: Schedule<P>): PipelineSchedule {
  const { cron, timezone = 'UTC', catchUp = 'latest' } = schedule
  return { cron, timezone, catchUp, params: offsetsOf(owner, params, schedule.params) }
}

/**
 * Times of a pipeline as offsets in milliseconds from a time that is known later.
 * @throws TypeError for a parameter that is no time, or one that gets no value.
 */
export function offsetsOf<P extends ParamSpecs>(
  owner: string,
  params: P,
  given: TimeParams<P>,
): Record<string, { offsetMs: number }> {
  const offsets: Record<string, string | undefined> = given
  for (const [name, { default: preset }] of Object.entries(params)) {
    if (preset === undefined && offsets[name] === undefined)
      throw new TypeError(`${owner}: the parameter "${name}" gets no value`)
  }
  const read: Record<string, { offsetMs: number }> = {}
  for (const [name, offset] of Object.entries(offsets)) {
    if (offset === undefined) continue
    if (params[name]?.type !== 'timestamp')
      throw new TypeError(`${owner}: "${name}" is no timestamp parameter`)
    read[name] = { offsetMs: parseDuration(offset, `${owner}: ${name}`, { signed: true }) }
  }
  return read
}
