import type { Label, Target } from '@millrace/learn'
import type { LoadedTrainingSet } from '../../features/index.ts'
import type { ModelManifest } from '../../registry/index.ts'
import { type LabelledTask, targetOf } from '../learner-data.ts'
import type { NamedColumn } from '../training-data.ts'
import type { Refuse } from './import-error.ts'

/** What an imported model predicts: the label of its training set. */
export interface ModelTarget {
  label: NamedColumn
  target: Target
  /** For the manifest. */
  output: Pick<ModelManifest, 'task' | 'classes'>
}

/**
 * The classes are those of the label, in order: as `LabelEncoder` and `classes_` of scikit-learn have them.
 * @throws `training.data_unusable` for a label that does not fit the task; what `refuse` makes of another number of
 * classes than the model has
 */
export function targetOfModel(
  set: LoadedTrainingSet,
  { task, classes: count }: { task: LabelledTask; classes?: number },
  refuse: Refuse,
): ModelTarget {
  const { label, target } = targetOf(set, task)
  if (target.kind === 'numbers') return { label, target, output: { task: 'regression' } }
  const classes: Label[] = [...target.classes]
  if (count !== undefined && classes.length !== count) {
    throw refuse(
      `it has ${count} classes, and the label "${label.name}" ${classes.length} in the training set "${set.manifest.name}": ${classes.join(', ')}`,
    )
  }
  const kind = classes.length === 2 ? 'binary-classification' : 'multiclass-classification'
  return { label, target, output: { task: kind, classes } }
}
