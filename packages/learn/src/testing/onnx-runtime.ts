import * as ort from 'onnxruntime-node'
import type { Column, Frame } from '../frame.ts'

const toTensor = (column: Column, rows: number): ort.Tensor => {
  if (column.kind === 'categorical')
    return new ort.Tensor(
      'string',
      Array.from(column.codes, (code) => (code === -1 ? '' : column.categories[code])),
      [rows, 1],
    )
  if (column.kind === 'timestamp')
    return new ort.Tensor('float64', new Float64Array(column.values), [rows, 1])
  const values =
    column.kind === 'boolean'
      ? Float32Array.from(column.values, (value) => (value === -1 ? Number.NaN : value))
      : new Float32Array(column.values)
  return new ort.Tensor('float32', values, [rows, 1])
}

/** What ONNX Runtime makes of the frame; columns that the model has no input for are left out. */
export const runOnnx = async (model: Uint8Array, frame: Frame): Promise<Record<string, ort.Tensor>> => {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  try {
    return await session.run(
      Object.fromEntries(session.inputNames.map((name) => [name, toTensor(frame.columns[name], frame.rows)])),
    )
  } finally {
    await session.release()
  }
}
