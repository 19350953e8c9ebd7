import {
  type Column,
  classTarget,
  createFrame,
  type Frame,
  type Label,
  numberTarget,
  type Target,
} from '@millrace/learn'
import { type ColumnType, fail } from '@millrace/protocol'
import type { LakeColumn } from '../../ports/lake.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import { featureColumns, labelColumnOf, type NamedColumn, timesOf } from './training-data.ts'

/** Features of a training set, in the order of event time. */
export interface LearnerRows {
  frame: Frame
  /** Event times in milliseconds, ascending. */
  times: Float64Array
}

/**
 * Columns of a training set for the given features, without a row object, in the kinds that learners know.
 * @throws `training.data_unusable` as featureColumns
 */
export function toLearnerRows(set: LoadedTrainingSet, features: readonly NamedColumn[]): LearnerRows {
  const columns = featureColumns(set, features).map((column) => [column.name, toLearnerColumn(column)])
  return { frame: createFrame(Object.fromEntries(columns)), times: timesOf(set) }
}

function toLearnerColumn(column: LakeColumn): Column {
  switch (column.kind) {
    case 'timestamp':
      return { kind: 'timestamp', values: column.values }
    case 'boolean': {
      const values = Int8Array.from(column.values, (value) => (Number.isNaN(value) ? -1 : value))
      return { kind: 'boolean', values }
    }
    case 'string':
      return toCategories(column)
    default:
      return { kind: 'numeric', values: Float32Array.from(column.values) }
  }
}

/** An empty text is missing for the model, as it is in the graph that serves it. */
function toCategories({ codes, dictionary }: Extract<LakeColumn, { kind: 'string' }>): Column {
  const empty = dictionary.indexOf('')
  if (empty < 0) return { kind: 'categorical', codes, categories: dictionary }
  return {
    kind: 'categorical',
    codes: codes.map((code) => (code === empty ? -1 : code > empty ? code - 1 : code)),
    categories: dictionary.filter((_, code) => code !== empty),
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
