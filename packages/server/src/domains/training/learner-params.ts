import { finalLearner, type LearnerSpec, learnerTask } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import { Type } from 'typebox'
import type { LearnerTask } from './learner-data.ts'
import { readInput } from './step-input.ts'

const Learner = Type.Object(
  { kind: Type.String({ minLength: 1 }), options: Type.Record(Type.String(), Type.Unknown()) },
  { additionalProperties: false },
)
/** As tracking's limit. */
const longest = 6000

/** They give numbers, but no labels are like these numbers. */
const recommenders = ['alternatingLeastSquares']

/**
 * The learner and what it learns.
 * @throws `step.input_invalid` for what is no learner
 */
export function readLearner(value: unknown): { learner: LearnerSpec; task: LearnerTask } {
  const learner = readInput('learner', Learner, value)
  const refuse = (reason: string, cause?: unknown) =>
    fail('step.input_invalid', { input: 'learner', reason }, cause)
  try {
    const task = recommenders.includes(finalLearner(learner).kind) ? 'recommendation' : learnerTask(learner)
    return { learner, task }
  } catch (error) {
    if (error instanceof RangeError) throw refuse(error.message, error)
    throw error
  }
}

/**
 * The options that were given as parameters of a run: `learner` is the kind, `learner.alpha` an option of it,
 * `learner.learner` the kind inside a pipeline, `learner.columns.0` its first entry of columns. Values that are too long
 * for a parameter are left out; `learner.json` in the artifacts has everything.
 */
export function learnerParams(spec: LearnerSpec, prefix = 'learner'): Record<string, string> {
  const params: Record<string, string> = { [prefix]: spec.kind }
  const add = (name: string, value: unknown) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (text.length <= longest) params[name] = text
  }
  for (const [option, value] of Object.entries(spec.options)) {
    const name = `${prefix}.${option}`
    if (value === undefined) continue
    if (isSpec(value)) Object.assign(params, learnerParams(value, name))
    else if (Array.isArray(value)) for (const [i, item] of value.entries()) add(`${name}.${i}`, item)
    else add(name, value)
  }
  return params
}

function isSpec(value: unknown): value is LearnerSpec {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    'options' in value &&
    typeof value.options === 'object' &&
    value.options !== null
  )
}
