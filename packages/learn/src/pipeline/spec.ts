import type { LearnerSpec } from '../learner.ts'
import { choiceOption, makeSpec, type OptionRule, type OptionRules } from '../options.ts'
import type { TransformerSpec } from '../transformer.ts'
import { getTransformerKind } from '../transformers.ts'
import { type ColumnSelector, checkSelector } from './selector.ts'

/** Columns and what is done with them, step after step; [] lets them through, 'drop' leaves them out. */
export type PipelineColumns = readonly [ColumnSelector, readonly TransformerSpec[] | 'drop']

export interface PipelineOptions {
  /** What is done with which columns; what comes out is put side by side in this order. Default []. */
  readonly columns?: readonly PipelineColumns[]
  /**
   * What happens to the columns that no selector takes; those that go through come last. Default 'passthrough'
   * (scikit-learn's ColumnTransformer: 'drop').
   */
  readonly rest?: 'passthrough' | 'drop' | 'error'
  /** What learns from the transformed columns; it may be a pipeline itself. */
  readonly learner: LearnerSpec
}
export interface PipelineSpec extends LearnerSpec {
  readonly kind: 'pipeline'
}

const refuse = (what: string): never => {
  throw new RangeError(`pipeline's ${what}`)
}

const isSpec = (value: unknown): value is LearnerSpec & TransformerSpec =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  typeof value.kind === 'string' &&
  'options' in value &&
  typeof value.options === 'object' &&
  value.options !== null

const checkSteps = (steps: unknown): readonly TransformerSpec[] | 'drop' => {
  if (steps === 'drop') return steps
  if (!(Array.isArray(steps) && steps.every(isSpec)))
    return refuse(`columns: expected a list of transformers or 'drop', not ${JSON.stringify(steps)}`)
  for (const step of steps) getTransformerKind(step.kind)
  return steps
}

const columnsOption: OptionRule<readonly PipelineColumns[]> = (_name, value = []) => {
  if (!Array.isArray(value)) return refuse(`columns must be a list, not ${JSON.stringify(value)}`)
  return value.map((entry: unknown): PipelineColumns => {
    if (!(Array.isArray(entry) && entry.length === 2))
      return refuse(`columns: expected [selector, steps], not ${JSON.stringify(entry)}`)
    return [checkSelector(entry[0]), checkSteps(entry[1])]
  })
}

const learnerOption: OptionRule<LearnerSpec> = (_name, value) =>
  isSpec(value) ? value : refuse(`learner must be a learner's specification, not ${JSON.stringify(value)}`)

export const pipelineRules: OptionRules<Required<PipelineOptions>> = {
  columns: columnsOption,
  rest: choiceOption('passthrough', ['passthrough', 'drop', 'error']),
  learner: learnerOption,
}

/**
 * Transformers before a learner, as one learner: `pipeline({ columns: [[{ kind: 'numeric' }, [impute(),
 * standardScale()]], ['city', [oneHot({ handleUnknown: 'ignore' })]]], learner: ridge() })`. Its model takes the raw
 * frame. Transformers learn from the rows of the fit alone; target encoding gives these rows what the others say.
 *
 * A column may be selected more than once, as long as all results have names of their own. Throws a RangeError for
 * wrong options; the fit throws one for a selected name that the frame lacks, for two results of one name, and if no
 * column is left.
 */
export const pipeline = (options: PipelineOptions): PipelineSpec =>
  makeSpec('pipeline', pipelineRules, options)
