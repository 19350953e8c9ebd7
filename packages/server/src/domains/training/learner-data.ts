import { type Column, classTarget, type Label, numberTarget, type Target } from '@millrace/learn'
import { type ColumnType, fail } from '@millrace/protocol'
import type { LakeColumn } from '../../ports/lake.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import { labelColumnOf, type NamedColumn, type Rows, toColumn, toRows } from './training-data.ts'

/**
 * Columns of a training set for the given features in the kinds that learners know: flags and times stay what they are.
 * @throws `training.data_unusable` as toRows
 */
export function toLearnerRows(set: LoadedTrainingSet, features: readonly NamedColumn[]): Rows {
  return toRows(set, features, toLearnerColumn)
}

function toLearnerColumn(column: LakeColumn): Column {
  if (column.kind === 'timestamp') return { kind: 'timestamp', values: column.values }
  if (column.kind !== 'boolean') return toColumn(column)
  return {
    kind: 'boolean',
    values: Int8Array.from(column.values, (value) => (Number.isNaN(value) ? -1 : value)),
  }
}

/** Tasks that learn from a label. */
export type LabelledTask = 'classification' | 'regression'
export type LearnerTask = LabelledTask | 'clustering' | 'anomaly' | 'recommendation'

/**
 * The label that the task learns from; undefined for one that learns without. Recommendations learn from strengths if
 * the training set has a label, else from who has to do with what.
 * @throws as {@link targetOf}
 */
export function findTarget(
  set: LoadedTrainingSet,
  task: LearnerTask,
): ReturnType<typeof targetOf> | undefined {
  if (task === 'classification' || task === 'regression') return targetOf(set, task)
  return task === 'recommendation' && set.manifest.label !== undefined
    ? targetOf(set, 'regression')
    : undefined
}

/**
 * The label of every row, as the task wants it: classes of texts, flags or numbers; or numbers.
 * @throws `training.data_unusable` for a label of a type that the task cannot have, and a row without label
 */
export function targetOf(set: LoadedTrainingSet, task: LabelledTask): { label: NamedColumn; target: Target } {
  const { manifest } = set
  const { label, column } = labelColumnOf(set)
  const { name, type } = label
  const refuse = (reason: string, cause?: unknown) =>
    fail('training.data_unusable', { set: manifest.name, reason: `its label "${name}" ${reason}` }, cause)
  if (type === 'timestamp') throw refuse('is a time; neither classes nor numbers can be learnt from it')
  if (task === 'regression' && (type === 'string' || type === 'boolean')) {
    throw refuse(`is ${type}, but the learner learns numbers; a classifier learns classes`)
  }
  const missing =
    column.kind === 'string'
      ? column.codes.indexOf(-1)
      : column.values.findIndex((value) => Number.isNaN(value))
  if (missing >= 0) throw refuse(`is missing in row ${missing}`)
  try {
    const target =
      task === 'regression' && column.kind !== 'string'
        ? numberTarget(column.values)
        : classTarget(classLabels(column, type))
    return { label, target }
  } catch (error) {
    if (error instanceof RangeError) throw refuse(`cannot be used: ${error.message}`, error)
    throw error
  }
}

function classLabels(column: LakeColumn, type: ColumnType): Label[] {
  if (column.kind === 'string') return Array.from(column.codes, (code) => column.dictionary[code])
  return Array.from(column.values, (value) => (type === 'boolean' ? value === 1 : value))
}
