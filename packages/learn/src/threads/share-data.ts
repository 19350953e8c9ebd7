import type { Frame } from '../frame.ts'
import type { FitData, TrainingData } from '../learner.ts'
import type { Target } from '../target.ts'
import { shareColumn } from './share-column.ts'

const shareFloats = (values: Float64Array): Float64Array => {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}

const shareCodes = (codes: Int32Array): Int32Array => {
  if (codes.buffer instanceof SharedArrayBuffer) return codes
  const shared = new Int32Array(new SharedArrayBuffer(codes.byteLength))
  shared.set(codes)
  return shared
}

const shareTarget = (target: Target): Target =>
  target.kind === 'classes'
    ? { ...target, codes: shareCodes(target.codes) }
    : { ...target, values: shareFloats(target.values) }

const shareFrame = ({ rows, columns }: Frame): Frame => ({
  rows,
  columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, shareColumn(column)])),
})

/** The rows in memory that workers can share; copied unless they lie there already. */
const shareTrainingData = ({ frame, target, weights }: TrainingData): TrainingData => ({
  frame: shareFrame(frame),
  target: target && shareTarget(target),
  weights: weights && shareFloats(weights),
})

/** As {@link shareTrainingData}, with the rows for validation. */
export const shareFitData = ({ validation, ...data }: FitData): FitData => ({
  ...shareTrainingData(data),
  validation: validation && shareTrainingData(validation),
})
