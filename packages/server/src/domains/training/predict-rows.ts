import {
  type Classification,
  type Frame,
  type Model,
  predict,
  type Regression,
  takeFrameRows,
} from '@millrace/learn'

const rowsAtOnce = 32_768

export interface PredictOptions {
  signal?: AbortSignal
  onProgress?(done: number, total: number): void
}

/**
 * As `predict` of learn for classes and numbers, block by block, so that it can be cancelled and shows how far it is.
 * Throws a TypeError for a model of another task, and as `predict`.
 */
export async function predictRows(
  model: Model,
  frame: Frame,
  { signal, onProgress }: PredictOptions = {},
): Promise<Classification | Regression> {
  const { output } = model
  if (output.task !== 'classification' && output.task !== 'regression') {
    throw new TypeError(`a model of ${output.task} predicts no label`)
  }
  const width = output.task === 'classification' ? output.classes.length : 1
  const values = new Float64Array(frame.rows * width)
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
    onProgress?.(end, frame.rows)
    // Lets a cancellation in.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return output.task === 'classification'
    ? { task: 'classification', classes: output.classes, probabilities: values }
    : { task: 'regression', values }
}
