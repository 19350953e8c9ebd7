import { type Frame, takeFrameRows } from '@millrace/learn'
import { type ColumnType, fail } from '@millrace/protocol'
import type { LakeColumn } from '../../ports/lake.ts'
import type { LoadedTrainingSet } from '../features/index.ts'

export interface NamedColumn {
  name: string
  type: ColumnType
}

/** What a model is to learn from: all features but times that came with the request, which never come again. */
export function featuresOf({ manifest }: LoadedTrainingSet): NamedColumn[] {
  return manifest.columns
    .filter(({ name, type, role }) => {
      return manifest.features.includes(name) && !(type === 'timestamp' && role !== 'feature')
    })
    .map(({ name, type }) => ({ name, type }))
}

/**
 * Columns of a training set for the given features, as they are.
 * @throws `training.data_unusable` for no rows, a feature that is not there or of another kind
 */
export function featureColumns(set: LoadedTrainingSet, features: readonly NamedColumn[]): LakeColumn[] {
  const { manifest } = set
  const refuse = (reason: string) => fail('training.data_unusable', { set: manifest.name, reason })
  if (set.rows === 0) throw refuse('it has no rows')
  if (features.length === 0) throw refuse('it has no features')
  return features.map(({ name, type }) => {
    const found = manifest.columns.find((column) => column.name === name)
    if (!found) throw refuse(`the model needs the column "${name}", which it does not have`)
    if ((found.type === 'string') !== (type === 'string')) {
      throw refuse(`the column "${name}" should be ${type} and is ${found.type}`)
    }
    return columnOf(set, name)
  })
}

/**
 * Event times of the rows in milliseconds, ascending.
 * @throws `training.data_unusable`
 */
export function timesOf(set: LoadedTrainingSet): Float64Array {
  const { manifest } = set
  const reason = `its time "${manifest.timestamp}" is a text`
  const times = columnOf(set, manifest.timestamp)
  if (times.kind === 'string') throw fail('training.data_unusable', { set: manifest.name, reason })
  return times.values
}

/**
 * The label's name and type, and its values.
 * @throws `training.data_unusable` for a training set without one
 */
export function labelColumnOf(set: LoadedTrainingSet): { label: NamedColumn; column: LakeColumn } {
  const { manifest } = set
  const definition = manifest.columns.find((column) => column.name === manifest.label)
  if (!definition) {
    const reason = 'it has no label; give its definition one: label(name, type, sql)'
    throw fail('training.data_unusable', { set: manifest.name, reason })
  }
  const { name, type } = definition
  return { label: { name, type }, column: columnOf(set, name) }
}

/** @throws `training.data_unusable` */
export function columnOf(set: LoadedTrainingSet, name: string): LakeColumn {
  const found = set.columns.find((column) => column.name === name)
  if (!found) {
    throw fail('training.data_unusable', { set: set.manifest.name, reason: `it has no column "${name}"` })
  }
  return found
}

/** Every `step`-th row of a frame. */
export function everyNth(frame: Frame, step: number): Frame {
  return takeFrameRows(
    frame,
    Uint32Array.from({ length: Math.ceil(frame.rows / step) }, (_, i) => i * step),
  )
}
