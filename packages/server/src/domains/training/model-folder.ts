import { exportOnnx, type ForestModel, type Frame, modelToBytes } from '@millrace/learn'
import { sha256 } from '../../kernel/hash.ts'
import { mlModelFile, requirementsFile } from './mlmodel.ts'
import { type DriftReference, referencePath } from './reference.ts'
import type { NamedColumn } from './training-data.ts'

/** The model in this platform's own format, for comparisons offline. */
export const forestPath = 'forest.bin'
/** Where the folder is in the artifacts of the run. */
export const modelFolderPath = 'model'
const exampleRows = 5

/** The files of a model folder by path. The same model of the same run always has the same bytes. */
export function modelFolder(
  model: ForestModel,
  about: {
    runId: string
    createdAt: number
    features: readonly NamedColumn[]
    reference: DriftReference
    frame: Frame
  },
): Record<string, Uint8Array> {
  const { runId, createdAt, features, reference, frame } = about
  const onnx = exportOnnx(model)
  const modelUuid = sha256(`${runId}/${sha256(onnx)}`).slice(0, 32)
  const text = (content: string) => new TextEncoder().encode(content)
  return {
    MLmodel: text(
      mlModelFile({
        runId,
        modelUuid,
        createdAt,
        inputs: features.map(({ name, type }) => ({
          name,
          dtype: type === 'string' ? 'str' : 'float32',
          shape: [-1, 1],
        })),
        outputs: [
          { name: 'label', dtype: 'int64', shape: [-1] },
          { name: 'probabilities', dtype: 'float32', shape: [-1, 2] },
        ],
        onnx: true,
      }),
    ),
    'model.onnx': onnx,
    [forestPath]: modelToBytes(model),
    'requirements.txt': text(requirementsFile),
    'input_example.json': text(JSON.stringify(exampleOf(frame))),
    [referencePath]: text(JSON.stringify(reference)),
  }
}

/** The first rows as tensors [N, 1], missing numbers as 0 because JSON has no NaN. */
export function exampleOf(frame: Frame): Record<string, (string | number)[][]> {
  const rows = Math.min(exampleRows, frame.rows)
  return Object.fromEntries(
    Object.entries(frame.columns).map(([name, column]) => [
      name,
      Array.from({ length: rows }, (_, row) => {
        if (column.kind === 'categorical') return [column.categories[column.codes[row]] ?? '']
        const value = column.values[row]
        return [Number.isFinite(value) && !(column.kind === 'boolean' && value < 0) ? value : 0]
      }),
    ]),
  )
}
