import type { Classification, Regression } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { LoadedTrainingSet } from '../features/index.ts'
import { areFlags, type ModelManifest } from '../registry/index.ts'
import { targetOf } from './learner-data.ts'
import { labelsOf } from './training-data.ts'

/** The probability of the second class; undefined for what is no prediction of two classes. */
export function positiveProbabilities(prediction: Classification | Regression): Float64Array | undefined {
  if (prediction.task !== 'classification' || prediction.classes.length !== 2) return undefined
  return prediction.probabilities.filter((_, i) => i % 2 === 1)
}

/**
 * The label of every row: 1 where it is the second class of the model, else 0.
 * @throws `training.data_unusable` as labelsOf and targetOf, and for a class that the model does not know
 */
export function binaryLabels(
  set: LoadedTrainingSet,
  { classes }: Pick<ModelManifest, 'classes'>,
): Float64Array {
  if (classes === undefined || areFlags(classes)) return labelsOf(set).labels
  const { label, target } = targetOf(set, 'classification')
  if (target.kind !== 'classes') throw new TypeError('A target of classes has classes')
  const unknown = target.classes.find((found) => !classes.includes(found))
  if (unknown !== undefined) {
    throw fail('training.data_unusable', {
      set: set.manifest.name,
      reason: `its label "${label.name}" has ${JSON.stringify(unknown)}; the model knows ${JSON.stringify(classes)}`,
    })
  }
  return Float64Array.from(target.codes, (code) => Number(target.classes[code] === classes[1]))
}
