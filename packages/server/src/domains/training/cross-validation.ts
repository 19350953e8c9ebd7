import {
  groupKFold,
  type LearnerSpec,
  makeSplits,
  type Split,
  type SplitSpec,
  stratifiedKFold,
  timeSeriesSplit,
} from '@millrace/learn'
import { crossValidateInThreads, type ThreadOptions } from '@millrace/learn/threads'
import { fail } from '@millrace/protocol'
import { type Static, Type } from 'typebox'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { LoggedMetric } from '../tracking/index.ts'
import { orRefuse } from './fit-learner.ts'
import { snakeCase } from './learner-metrics.ts'
import { isRefusal } from './refusal.ts'
import { readInput } from './step-input.ts'
import type { TimedRows } from './validation-rows.ts'

/** How the rows are split; `gap` (by time) in milliseconds, `by` (by group) a column whose values stay together. */
const CrossValidation = Type.Object(
  {
    kind: Type.Enum(['time', 'stratified', 'group']),
    splits: Type.Optional(Type.Integer({ minimum: 2, maximum: 100 })),
    gap: Type.Optional(Type.Integer({ minimum: 0 })),
    by: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
)
export type CrossValidation = Static<typeof CrossValidation>

/** @throws `step.input_invalid` */
export function readCrossValidation(value: unknown): CrossValidation | undefined {
  if (value === undefined || value === null) return undefined
  const how = readInput('crossValidation', CrossValidation, value)
  const refuse = (reason: string) => fail('step.input_invalid', { input: 'crossValidation', reason })
  if (how.kind !== 'time' && how.gap !== undefined) throw refuse('a gap is for splits by time')
  if ((how.kind === 'group') !== (how.by !== undefined)) {
    throw refuse("splits by group, and they alone, need a column: { kind: 'group', by: … }")
  }
  return how
}

/**
 * The usual metrics of models that have not seen the rows: of each fold, with `step` from 1, their mean and their
 * spread (standard deviation of a sample), as metrics of a run. A metric that a fold does not define is left out there.
 * @throws `training.fit_refused` as the fit
 */
export async function crossValidateLearner(
  { rows, splits }: { rows: TimedRows; splits: readonly Split[] },
  learner: LearnerSpec,
  options: ThreadOptions & { now(): number },
): Promise<LoggedMetric[]> {
  const { name, frame, target, times } = rows
  const { folds, summary } = await orRefuse({ set: name, learner }, () =>
    crossValidateInThreads(learner, { frame, target, times }, { ...options, splits }),
  )
  const at = options.now()
  return [
    ...folds.flatMap(({ scores }, fold) =>
      Object.entries(scores).map(([key, value]) => ({ key: keyOf(key), value, at, step: fold + 1 })),
    ),
    ...Object.entries(summary).flatMap(([key, { mean, standardDeviation }]) => [
      { key: `${keyOf(key)}_mean`, value: mean, at, step: 0 },
      { key: `${keyOf(key)}_std`, value: standardDeviation, at, step: 0 },
    ]),
  ]
}

/** With so many iterations of boosting, alone or at the end of pipelines: folds have no rows to say when to stop. */
export function withIterations(spec: LearnerSpec, iterations: number | undefined): LearnerSpec {
  if (iterations === undefined) return spec
  if (spec.kind !== 'pipeline') return { ...spec, options: { ...spec.options, nEstimators: iterations } }
  const learner = withIterations(spec.options.learner as LearnerSpec, iterations)
  return { ...spec, options: { ...spec.options, learner } }
}

/**
 * The rows of the folds, to be made before the fit, which may take hours.
 * @throws `step.input_invalid` for rows that cannot be split so, and a column that the training set does not have
 */
export function splitRows(
  { columns }: Pick<LoadedTrainingSet, 'columns'>,
  { name, frame, target, times }: TimedRows,
  how: CrossValidation,
): Split[] {
  const by = how.by === undefined ? undefined : columns.find((column) => column.name === how.by)
  if (how.by !== undefined && !by) {
    const reason = `the training set "${name}" has no column "${how.by}"`
    throw fail('step.input_invalid', { input: 'crossValidation.by', reason })
  }
  const codes = target?.kind === 'classes' ? target.codes : undefined
  // The rows are the first ones of the set: the last may be held out.
  const groups = by && (by.kind === 'string' ? by.codes : by.values).subarray(0, frame.rows)
  try {
    return makeSplits(toSpec(how), { rows: frame.rows, codes, groups, times })
  } catch (error) {
    if (!isRefusal(error)) throw error
    throw fail('step.input_invalid', { input: 'crossValidation', reason: error.message }, error)
  }
}

function toSpec(how: CrossValidation): SplitSpec {
  const nSplits = how.splits ?? 5
  if (how.kind === 'time') return timeSeriesSplit({ nSplits, gapTime: how.gap ?? 0 })
  return how.kind === 'group' ? groupKFold({ nSplits }) : stratifiedKFold({ nSplits })
}

const keyOf = (metric: string) => `cv_${snakeCase(metric)}`
