import type { Label } from './target.ts'

/** A column that a model takes. */
export type ModelInput = {
  readonly name: string
  /** The column need not be there: the model leaves it out (a pipeline that drops it). */
  readonly unused?: true
} & (
  | { readonly kind: 'numeric' | 'boolean' | 'timestamp' }
  | {
      readonly kind: 'categorical'
      readonly categories: readonly string[]
      /** Any category goes in, numbered as it comes: pipelines tell unknown ones from missing ones themselves. */
      readonly open?: true
    }
)

/** The inputs that have to be there. */
export const usedInputs = (inputs: readonly ModelInput[]): readonly ModelInput[] =>
  inputs.filter(({ unused }) => !unused)

/** What a model gives. */
export type ModelOutput =
  | { readonly task: 'classification'; readonly classes: readonly Label[] }
  | { readonly task: 'regression' }
  | { readonly task: 'clustering'; readonly clusters: number }
  | { readonly task: 'anomaly' }

/** Anything fitted: plain data and typed arrays, so that it can be posted to a worker and written to a file. */
export interface Model {
  readonly kind: string
  readonly inputs: readonly ModelInput[]
  readonly output: ModelOutput
}

/** Classes and how probable each of them is for each row. */
export interface Classification {
  readonly task: 'classification'
  readonly classes: readonly Label[]
  /** Row after row, one for each class; each row sums to 1. */
  readonly probabilities: Float64Array
}
/** A number for each row, in the units of the target. */
export interface Regression {
  readonly task: 'regression'
  readonly values: Float64Array
}
/** Which centre each row is nearest to, and how far from it, in the units of the columns. */
export interface Clustering {
  readonly task: 'clustering'
  /** The nearest centre of each row. */
  readonly clusters: Int32Array
  /** The distance to it. */
  readonly distances: Float64Array
}
/** How strange each row is among those of the training. */
export interface AnomalyScores {
  readonly task: 'anomaly'
  /** Between 0 and 1; above 0.5 the stranger (Liu, Ting & Zhou 2008). */
  readonly scores: Float64Array
  /** 1 for a row above the threshold that the model's contamination sets. */
  readonly outliers: Uint8Array
}
/** What a model says of each row of a frame, by its task. */
export type Prediction = Classification | Regression | Clustering | AnomalyScores

/** The most probable class of each row, as an index of `classes`; the first one at ties. */
export const likeliestClasses = ({ classes, probabilities }: Classification): Int32Array => {
  const count = classes.length
  const codes = new Int32Array(probabilities.length / count)
  for (let row = 0; row < codes.length; row += 1) {
    let best = 0
    for (let code = 1; code < count; code += 1)
      if (probabilities[row * count + code] > probabilities[row * count + best]) best = code
    codes[row] = best
  }
  return codes
}
