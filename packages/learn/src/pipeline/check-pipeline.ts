import type { FindLearner } from '../fit-with.ts'
import { type Model, usedInputs } from '../model.ts'
import { getTransformerKind } from '../transformers.ts'
import type { PipelineModel } from './model.ts'

const wrong = (reason: string): RangeError => new RangeError(`this is not a fitted pipeline: ${reason}`)

const isModel = (value: unknown): value is Model =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  typeof value.kind === 'string' &&
  'inputs' in value &&
  Array.isArray(value.inputs) &&
  'output' in value &&
  typeof value.output === 'object'

/** Throws a RangeError unless the parts of the model are what they should be, each by its own measure. */
export const checkPipeline = (
  find: FindLearner,
  { inputs, groups, learner, output }: PipelineModel,
): void => {
  if (!Array.isArray(groups)) throw wrong('it has no groups')
  const known = new Set(usedInputs(inputs).map(({ name }) => name))
  for (const { columns, steps } of groups) {
    if (!Array.isArray(columns) || !Array.isArray(steps)) throw wrong('a group has no columns or steps')
    const lacking = columns.find((name) => !known.has(name))
    if (lacking !== undefined) throw wrong(`it uses column '${lacking}', which is none of its inputs`)
    for (const step of steps) getTransformerKind(step.kind).check(step)
  }
  if (!isModel(learner)) throw wrong('it has no learner')
  find(learner.kind).check(learner)
  if (JSON.stringify(output) !== JSON.stringify(learner.output))
    throw wrong("its output is not its learner's")
}
