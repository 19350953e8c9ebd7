import { exportModel, type Frame, type Label, type Model, modelToBytes, usedInputs } from '@millrace/learn'
import { sha256 } from '../../kernel/hash.ts'
import { mlModelFile, requirementsFile, type TensorField } from './mlmodel.ts'
import { type DriftReference, referencePath } from './reference.ts'

/** Where the folder is in the artifacts of the run. */
export const modelFolderPath = 'model'
/** The model in this platform's own format, which is there for every learner. */
export const nativePath = 'model.bin'
const exampleRows = 5

/**
 * The files of the folder of a fitted learner, by path; the same model of the same run always has the same bytes. A
 * model that ONNX has no means for has no `model.onnx`, and Python cannot load it: `withoutOnnx` says why.
 */
export function learnerFolder(
  model: Model,
  about: { runId: string; createdAt: number; reference: DriftReference; frame: Frame },
): { files: Record<string, Uint8Array>; withoutOnnx?: string } {
  const { runId, createdAt, reference, frame } = about
  const text = (content: string) => new TextEncoder().encode(content)
  const bytes = modelToBytes(model)
  const onnx = tryExport(model)
  const hasOnnx = onnx instanceof Uint8Array
  const inputs = usedInputs(model.inputs)
  const used = {
    rows: frame.rows,
    columns: Object.fromEntries(inputs.map(({ name }) => [name, frame.columns[name]])),
  }
  const files = {
    MLmodel: text(
      mlModelFile({
        runId,
        modelUuid: sha256(`${runId}/${sha256(bytes)}`).slice(0, 32),
        createdAt,
        inputs: inputs.map(({ name, kind }) => ({ name, dtype: dtypes[kind], shape: [-1, 1] })),
        outputs: outputsOf(model),
        onnx: hasOnnx,
        native: { path: nativePath, kind: model.kind },
      }),
    ),
    [nativePath]: bytes,
    'input_example.json': text(JSON.stringify(exampleOf(used))),
    [referencePath]: text(JSON.stringify(reference)),
  }
  if (!hasOnnx) return { files, withoutOnnx: onnx }
  return { files: { ...files, 'model.onnx': onnx, 'requirements.txt': text(requirementsFile) } }
}

/** The graph, or why there is none. */
function tryExport(model: Model): Uint8Array | string {
  try {
    return exportModel(model)
  } catch (error) {
    // The kind has no ONNX, or a column the name of a part of the graph.
    if (error instanceof RangeError) return error.message
    throw error
  }
}

const dtypes = { numeric: 'float32', boolean: 'float32', timestamp: 'float64', categorical: 'str' } as const

function outputsOf({ output }: Model): TensorField[] {
  if (output.task === 'classification') {
    return [
      { name: 'label', dtype: labelType(output.classes), shape: [-1] },
      { name: 'probabilities', dtype: 'float32', shape: [-1, output.classes.length] },
    ]
  }
  if (output.task === 'regression') return [{ name: 'prediction', dtype: 'float32', shape: [-1, 1] }]
  return [
    { name: 'prediction', dtype: 'int64', shape: [-1] },
    { name: output.task === 'clustering' ? 'distances' : 'scores', dtype: 'float32', shape: [-1] },
  ]
}

function labelType(classes: readonly Label[]): string {
  if (typeof classes[0] === 'string') return 'str'
  if (typeof classes[0] === 'boolean') return 'bool'
  return classes.every(Number.isSafeInteger) ? 'int64' : 'float32'
}

/** The first rows as tensors [N, 1], missing numbers as 0 because JSON has no NaN. */
function exampleOf(frame: Frame): Record<string, (string | number)[][]> {
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
