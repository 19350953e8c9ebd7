import type { Frame } from '../../frame.ts'
import type { ModelInput } from '../../model.ts'
import { toTreeFeature } from '../../trees/features.ts'

/** The columns of a model in its order; a frame puts names that look like integers first. */
export const toModelFeatures = (inputs: readonly ModelInput[], { columns }: Frame): Float32Array[] =>
  inputs.map(({ name }) => toTreeFeature(name, columns[name]))

/** Throws a RangeError: models of this kind are read from files, not fitted. */
export const refuseFit = (kind: string): never => {
  throw new RangeError(
    `${kind} is read from a file of ONNX, XGBoost or LightGBM and cannot be fitted; ` +
      'gradientBoostingClassifier() and gradientBoostingRegressor() can',
  )
}
