/** The types of tensors that features go into. */
export const inputTypes = ['float32', 'float64', 'int64', 'int32', 'bool', 'string'] as const
export type OnnxInputType = (typeof inputTypes)[number]

/** How features go into a graph that was made elsewhere, and where its answer is. */
export interface OnnxBinding {
  /** Each takes one feature, or several side by side, as the columns of one tensor. */
  inputs: { name: string; type: OnnxInputType; features: string[] }[]
  /**
   * The output with one number for each row; or one for each class, which are probabilities, or that of the second of
   * two classes alone.
   */
  output: string
  /** Whether rows with missing values (NaN, '') get an answer. */
  takesMissing: boolean
}
