import type { OptionRule } from '../options.ts'

/** Throws a RangeError unless a model's part is an array of the class and length that `predict` counts on. */
export const checkLength = (
  what: string,
  values: unknown,
  type: Float64ArrayConstructor | Float32ArrayConstructor | Int32ArrayConstructor,
  length: number,
): void => {
  if (!(values instanceof type) || values.length !== length)
    throw new RangeError(`the model's ${what} must be ${type.name} of ${length}`)
}

/** As {@link checkLength} for Float64Array, and every number must be finite. */
export const checkNumbers = (what: string, values: Float64Array, length: number): void => {
  checkLength(what, values, Float64Array, length)
  if (!values.every(Number.isFinite)) throw new RangeError(`the model's ${what} must be finite numbers`)
}

/** Throws a RangeError unless the model's output is of this task. */
export const checkTask = (task: string, output: { readonly task: string }): void => {
  if (output.task !== task) throw new RangeError(`the model's task must be ${task}, not '${output.task}'`)
}

/** Throws a RangeError unless a model's part is what an option may be; it has no default. */
export const checkPart = <T>(what: string, value: T, rule: OptionRule<T>): void => {
  if (value === undefined) throw new RangeError(`the model's ${what} is missing`)
  rule(`the model's ${what}`, value)
}
