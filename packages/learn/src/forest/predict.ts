import type { Frame } from '../frame.ts'
import { createEncoders } from '../preprocessing/encode.ts'
import { addForestShares } from './forest.ts'
import type { ForestModel } from './model.ts'

const blockRows = 1024

/**
 * Makes the function that fills `out` with the probabilities of the rows [begin, begin + out.length).
 * The frame is checked here, once. Throws as {@link predictProbability}.
 */
export const createPredictor = (
  model: ForestModel,
  frame: Frame,
): ((begin: number, out: Float64Array) => void) => {
  const encoders = createEncoders(model.preprocessor, frame)
  const features = encoders.length
  const block = new Float32Array(Math.min(blockRows, frame.rows) * features)
  return (begin, out) => {
    out.fill(0)
    for (let done = 0; done < out.length; done += blockRows) {
      const count = Math.min(blockRows, out.length - done)
      encoders.forEach((encode, feature) => {
        encode(begin + done, begin + done + count, { out: block, offset: feature, stride: features })
      })
      addForestShares(model.forest, { block, features, count }, out.subarray(done, done + count))
    }
  }
}

/**
 * The probability of class 1 for each row: the mean over the trees of the leaf's share of class 1 (the soft
 * vote of scikit-learn), always within [0, 1]. A missing number becomes the training median; a missing or
 * unknown category becomes the prior. Class 1 is predicted where it is above 0.5.
 * Throws a TypeError for a missing column or one of another kind, a RangeError for a column that the model
 * does not know.
 */
export const predictProbability = (model: ForestModel, frame: Frame): Float64Array => {
  const out = new Float64Array(frame.rows)
  createPredictor(model, frame)(0, out)
  return out
}
