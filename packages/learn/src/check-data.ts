import type { Frame } from './frame.ts'
import type { FitData, TrainingData } from './learner.ts'

const checkWeights = (weights: Float64Array, rows: number): void => {
  if (weights.length !== rows)
    throw new RangeError(`there are ${weights.length} weights for ${rows} rows; they must be equal`)
  let sum = 0
  for (let row = 0; row < rows; row += 1) {
    const weight = weights[row]
    if (!(weight >= 0 && weight < Infinity))
      throw new RangeError(`weights must be finite and >= 0; row ${row} has ${weight}`)
    sum += weight
  }
  if (sum === 0) throw new RangeError('all weights are 0; nothing can be learnt')
}

const checkFinite = (frame: Frame): void => {
  for (const [name, column] of Object.entries(frame.columns)) {
    if (column.kind !== 'numeric') continue
    const { values } = column
    for (let row = 0; row < values.length; row += 1)
      if (values[row] === Infinity || values[row] === -Infinity)
        throw new RangeError(
          `column '${name}' is infinite in row ${row}, or too large for a 32-bit float (3.4e38); ` +
            'use NaN (missing), or another unit',
        )
  }
}

const checkPart = ({ frame, target, weights }: TrainingData, part: string): void => {
  if (frame.rows === 0) throw new RangeError(`the frame ${part} is empty; it needs rows`)
  checkFinite(frame)
  if (weights) checkWeights(weights, frame.rows)
  if (!target) return
  const length = target.kind === 'classes' ? target.codes.length : target.values.length
  if (length !== frame.rows)
    throw new RangeError(`the target ${part} has ${length} values for ${frame.rows} rows; they must be equal`)
}

const sameClasses = (a: TrainingData['target'], b: TrainingData['target']): boolean => {
  if (a?.kind !== b?.kind) return false
  if (a?.kind !== 'classes' || b?.kind !== 'classes') return true
  return a.classes.length === b.classes.length && a.classes.every((label, code) => label === b.classes[code])
}

/**
 * What holds for every learner: rows, no infinite value, a target and weights of as many rows, weights that are
 * finite and not all 0, and a validation part of the same columns and classes. Throws a RangeError otherwise.
 */
export const checkFitData = (data: FitData): void => {
  checkPart(data, 'for training')
  if (!data.validation) return
  checkPart(data.validation, 'for validation')
  const columns = Object.keys(data.frame.columns)
  const missing = columns.find((name) => !Object.hasOwn(data.validation?.frame.columns ?? {}, name))
  if (missing !== undefined) throw new RangeError(`the validation frame has no column '${missing}'`)
  if (!sameClasses(data.target, data.validation.target))
    throw new RangeError('the validation target must have the same classes as the one for training')
}
