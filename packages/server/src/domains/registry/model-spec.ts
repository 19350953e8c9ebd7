/** One input, output or parameter of a model, e.g. `double`, `string`, `tensor(float32)[-1,4]`. */
export interface ModelField {
  name: string
  type: string
}

/** What a model is for those who use it, as far as its files tell. */
export interface ModelSpec {
  /** Kind of model: flavors and, where known, classes; `randomForestClassifier` and the like for our own. In order. */
  algorithm: string[]
  /** null = the model has no signature. */
  signature: { inputs: ModelField[]; outputs: ModelField[]; params: ModelField[] } | null
}
