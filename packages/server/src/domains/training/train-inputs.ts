import { finalLearner } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import { Type } from 'typebox'
import type { LoadedTrainingSet } from '../features/index.ts'
import { readCrossValidation } from './cross-validation.ts'
import { findTarget, toLearnerRows } from './learner-data.ts'
import { readLearner } from './learner-params.ts'
import { readInput, readOptional, Text, TrainingSetInput } from './step-input.ts'
import { featuresOf, type NamedColumn } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'
import { Threads } from './training-run.ts'
import { checkTrainingTarget } from './training-target.ts'
import { holdOutLast, type TimedRows, validateOn } from './validation-rows.ts'

const ValidationShare = Type.Number({ exclusiveMinimum: 0, maximum: 0.5 })

/** @throws `step.input_invalid` naming the input, and for inputs that the learner has no use for */
export function readTrainInputs(given: Record<string, unknown>) {
  const read = readLearner(given.learner)
  const validation = readOptional('validation', TrainingSetInput, given.validation)
  const validationShare = readOptional('validationShare', ValidationShare, given.validationShare)
  const crossValidation = readCrossValidation(given.crossValidation)
  if (validation && validationShare !== undefined) {
    const reason = 'the validation rows are a share of the data, or another training set, not both'
    throw fail('step.input_invalid', { input: 'validation', reason })
  }
  const isLabelled = read.task === 'classification' || read.task === 'regression'
  for (const [input, value] of Object.entries({ validation, validationShare, crossValidation })) {
    if (isLabelled || value === undefined) continue
    const reason = `${finalLearner(read.learner).kind} is for ${read.task}, which has no label to measure it by; leave it out`
    throw fail('step.input_invalid', { input, reason })
  }
  return {
    data: readInput('data', TrainingSetInput, given.data),
    experiment: readInput('experiment', Text, given.experiment),
    ...read,
    validation,
    validationShare,
    crossValidation,
    threads: readOptional('threads', Threads, given.threads),
  }
}

export type TrainInputs = ReturnType<typeof readTrainInputs>

/**
 * The rows to learn from and those to watch the fit on, with the label if the task learns from one.
 * @throws `training.data_unusable`
 */
export async function readTrainingRows(
  features: TrainingDeps['features'],
  { set, inputs, signal }: { set: LoadedTrainingSet; inputs: TrainInputs; signal: AbortSignal },
): Promise<{ label?: NamedColumn; training: TimedRows; validation?: TimedRows }> {
  const { task, validation, validationShare } = inputs
  const known = featuresOf(set)
  const read = (from: LoadedTrainingSet): { label?: NamedColumn; rows: TimedRows } => {
    const { label, target } = findTarget(from, task) ?? {}
    return { label, rows: { name: from.manifest.name, ...toLearnerRows(from, known), target } }
  }
  const { label, rows: all } = read(set)
  const parts = validationShare === undefined ? { training: all } : holdOutLast(all, validationShare)
  const { target } = parts.training
  if (label && target) checkTrainingTarget(all.name, label.name, target)
  if (validation === undefined) return { label, ...parts }
  const other = await features.loadTrainingSet(validation.digest, { signal })
  return { label, training: all, validation: validateOn(all, read(other).rows) }
}
