import type { Classification, ClassTarget, Label, Regression, Target } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { LoadedTrainingSet } from '../features/index.ts'
import { areFlags, type ModelManifest } from '../registry/index.ts'
import { targetOf } from './learner-data.ts'

/** What a model with a label is for. */
export type EvaluationTask = 'binary-classification' | 'multiclass-classification' | 'regression'

/** What of a manifest decides which predictions can be measured against which labels. */
export type Judged = Pick<ModelManifest, 'task' | 'classes' | 'label'>

/** @throws `step.input_invalid` for a model without label */
export function taskOf({ task }: Judged): EvaluationTask {
  if (task === 'binary-classification' || task === 'multiclass-classification' || task === 'regression') {
    return task
  }
  throw fail('step.input_invalid', {
    input: 'model',
    reason: `it is for ${task}, which has no label to be measured against; register it without an evaluation`,
  })
}

/**
 * The label of every row as the model has it: flags and 0 and 1 are the same. A class that a model of more than two does
 * not know is kept, since predicting another one is a mistake.
 * @throws `training.data_unusable` as targetOf; `evaluation.data_unusable` for classes that the model cannot have meant,
 * and rows of a single class
 */
export function evaluationTarget(set: LoadedTrainingSet, model: Judged): Target {
  const refuse = (reason: string) => fail('evaluation.data_unusable', { set: set.manifest.name, reason })
  if (set.rows < 2) throw refuse(`at least two rows are needed; it has ${set.rows}`)
  if (taskOf(model) === 'regression') return targetOf(set, 'regression').target
  const { label, target } = targetOf(set, 'classification')
  if (target.kind !== 'classes') throw new TypeError('A target of classes has classes')
  const known = classesOf(model)
  if (target.classes.length < 2) {
    const reason = `at least two classes are needed; its label "${label.name}" is ${JSON.stringify(target.classes[0])} in all ${target.codes.length} rows`
    throw refuse(reason)
  }
  const aligned = areFlags(known) && areFlags(target.classes) ? { ...target, classes: known } : target
  const unknown = aligned.classes.find((found) => !canMean(known, found))
  if (unknown !== undefined) {
    throw refuse(
      `its label "${label.name}" has ${JSON.stringify(unknown)}; the model knows ${JSON.stringify(known)}`,
    )
  }
  return aligned satisfies ClassTarget
}

function canMean(known: readonly Label[], found: Label): boolean {
  return known.includes(found) || (known.length > 2 && typeof found === typeof known[0])
}

/** The classes of a classifier, in the order of its probabilities. */
export function classesOf({ classes, label }: Judged): Label[] {
  return classes ?? (label?.type === 'boolean' ? [false, true] : [0, 1])
}

/** Why what one model predicts cannot be set against what the other predicts; undefined if it can. */
export function differenceOf(one: Judged, other: Judged): string | undefined {
  if (taskOf(one) !== taskOf(other)) return `it is a model for ${one.task}`
  if (taskOf(one) === 'regression') return undefined
  const [own, others] = [classesOf(one), classesOf(other)]
  if (areFlags(own) && areFlags(others)) return undefined
  const same = own.length === others.length && own.every((label) => others.includes(label))
  return same ? undefined : `it predicts ${JSON.stringify(own)}, not ${JSON.stringify(others)}`
}

/**
 * A prediction of the same classes by the names and in the order of `classes`.
 * @throws TypeError for one of other classes
 */
export function inOrder(
  prediction: Classification | Regression,
  classes: readonly Label[],
): Classification | Regression {
  if (prediction.task === 'regression') return prediction
  const width = classes.length
  const from = areFlags(prediction.classes)
    ? [0, 1]
    : classes.map((label) => prediction.classes.indexOf(label))
  if (prediction.classes.length !== width || from.includes(-1)) {
    throw new TypeError(`A prediction of ${prediction.classes.join(', ')} is none of ${classes.join(', ')}`)
  }
  const probabilities = new Float64Array(prediction.probabilities.length)
  for (let at = 0; at < probabilities.length; at += 1) {
    probabilities[at] = prediction.probabilities[at - (at % width) + from[at % width]]
  }
  return { task: 'classification', classes, probabilities }
}

/**
 * Refuses rows from the time that the model learnt from.
 * @throws `evaluation.data_unusable`
 */
export function checkLater(set: LoadedTrainingSet, times: Float64Array, trainedThrough: number): void {
  if (times[0] > trainedThrough) return
  const iso = (at: number) => new Date(at).toISOString()
  throw fail('evaluation.data_unusable', {
    set: set.manifest.name,
    reason: `it begins at ${iso(times[0])}, but the model learnt from rows up to ${iso(trainedThrough)}; judge it on later rows`,
  })
}
