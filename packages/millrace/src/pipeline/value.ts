import type { Binding, ColumnType, ValueOf } from '@millrace/protocol'

/** What travels between steps: a plain value, or a reference to something that the platform keeps. */
interface References {
  'dataset-version': { dataset: string; version: string }
  'training-set': { digest: string; name: string; rows: number }
  model: { digest: string; runId: string }
  evaluation: { digest: string; passed: boolean }
  'model-version': { model: string; version: number }
  json: unknown
}

export type StepValueType = ColumnType | keyof References

/** The TypeScript value of a step's input or output inside the step. */
export type StepValueOf<T extends StepValueType> = T extends keyof References
  ? References[T]
  : T extends ColumnType
    ? ValueOf<T>
    : never

/** The type of an input or output of a step, as made by `t` and `ref`. */
export interface StepValueSpec<T extends StepValueType = StepValueType> {
  readonly type: T
}

/** Types of the references that own steps take and give. */
export const ref = {
  datasetVersion: (): StepValueSpec<'dataset-version'> => ({ type: 'dataset-version' }),
  trainingSet: (): StepValueSpec<'training-set'> => ({ type: 'training-set' }),
  model: (): StepValueSpec<'model'> => ({ type: 'model' }),
  evaluation: (): StepValueSpec<'evaluation'> => ({ type: 'evaluation' }),
  modelVersion: (): StepValueSpec<'model-version'> => ({ type: 'model-version' }),
  /** Any JSON value. */
  json: (): StepValueSpec<'json'> => ({ type: 'json' }),
} as const

const handleKey: unique symbol = Symbol.for('millrace.handle') as never

/** A value that exists when the pipeline runs: a parameter, or an output of a step. */
export interface Handle<T extends StepValueType = StepValueType> {
  readonly [handleKey]: { readonly type: T; readonly binding: Binding }
}

/** What an input accepts: a handle, or the value itself. */
export type Input<T extends StepValueType> =
  | Handle<T>
  | (T extends ColumnType ? ValueOf<T> : T extends 'json' ? unknown : never)

export function createHandle<T extends StepValueType>(type: T, binding: Binding): Handle<T> {
  return { [handleKey]: { type, binding } }
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && handleKey in value
}

/**
 * How a node gets the value of an input.
 * @throws TypeError for a value that cannot travel as JSON.
 */
export function bindingOf(owner: string, value: unknown): Binding {
  if (isHandle(value)) return value[handleKey].binding
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError(`${owner}: the date is not valid`)
    return { const: value.getTime() }
  }
  if (value === undefined || typeof value === 'function' || typeof value === 'bigint')
    throw new TypeError(`${owner}: a ${typeof value} cannot be given to a step`)
  return { const: value }
}

/** The output that the handle stands for; undefined for a parameter. */
export function outputOf(handle: Handle): { node: string; output: string } | undefined {
  const { binding } = handle[handleKey]
  return 'node' in binding ? binding : undefined
}
