import {
  type Classification,
  type Frame,
  type Model,
  type Prediction,
  predict,
  type Regression,
  takeFrameRows,
} from '@millrace/learn'

const rowsAtOnce = 32_768

export interface PredictOptions {
  signal?: AbortSignal
  onProgress?(done: number, total: number): void
}

/** As {@link predictAny}, for classes and numbers alone. Throws a TypeError for a model of another task. */
export async function predictRows(
  model: Model,
  frame: Frame,
  options: PredictOptions = {},
): Promise<Classification | Regression> {
  const { task } = model.output
  if (task !== 'classification' && task !== 'regression') {
    throw new TypeError(`a model of ${task} predicts no label`)
  }
  return (await predictAny(model, frame, options)) as Classification | Regression
}

/**
 * As `predict` of learn, block by block, so that it can be cancelled and shows how far it is. Throws as `predict`.
 */
export async function predictAny(
  model: Model,
  frame: Frame,
  { signal, onProgress }: PredictOptions = {},
): Promise<Prediction> {
  const { output } = model
  const width = output.task === 'classification' ? output.classes.length : 1
  const values = new Float64Array(frame.rows * width)
  /** Clusters, or which rows are outliers. */
  const codes = new Int32Array(output.task === 'clustering' || output.task === 'anomaly' ? frame.rows : 0)
  for (let start = 0; start < frame.rows; start += rowsAtOnce) {
    signal?.throwIfAborted()
    const end = Math.min(frame.rows, start + rowsAtOnce)
    const block = predict(
      model,
      takeFrameRows(
        frame,
        Uint32Array.from({ length: end - start }, (_, i) => start + i),
      ),
    )
    if (block.task === 'classification') values.set(block.probabilities, start * width)
    if (block.task === 'regression') values.set(block.values, start)
    if (block.task === 'clustering') {
      codes.set(block.clusters, start)
      values.set(block.distances, start)
    }
    if (block.task === 'anomaly') {
      codes.set(block.outliers, start)
      values.set(block.scores, start)
    }
    onProgress?.(end, frame.rows)
    // Lets a cancellation in.
    await new Promise((resolve) => setImmediate(resolve))
  }
  switch (output.task) {
    case 'classification':
      return { task: 'classification', classes: output.classes, probabilities: values }
    case 'regression':
      return { task: 'regression', values }
    case 'clustering':
      return { task: 'clustering', clusters: codes, distances: values }
    case 'anomaly':
      return { task: 'anomaly', scores: values, outliers: Uint8Array.from(codes) }
  }
}
