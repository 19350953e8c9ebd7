import type { ColumnType } from '@millrace/protocol'
import type { NamedColumn } from './training-data.ts'

export interface MlModelInput {
  runId: string
  modelUuid: string
  /** Milliseconds. */
  createdAt: number
  features: readonly NamedColumn[]
}

/**
 * The file `MLmodel` that lets MLflow load the folder: as an ONNX model, and as a Python function whose inputs are
 * tensors [N, 1], one for each feature. In YAML, with signatures as JSON texts, as MLflow writes it.
 */
export function mlModelFile({ runId, modelUuid, createdAt, features }: MlModelInput): string {
  const inputs = features.map(({ name, type }) => tensor(name, tensorType(type), [-1, 1]))
  const outputs = [tensor('label', 'int64', [-1]), tensor('probabilities', 'float32', [-1, 2])]
  const created = new Date(createdAt).toISOString().replace('T', ' ').replace('Z', '000')
  const text = (value: unknown) => JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value))
  return [
    'artifact_path: model',
    'flavors:',
    '  onnx:',
    '    code: null',
    '    data: model.onnx',
    '    providers:',
    '    - CPUExecutionProvider',
    '  python_function:',
    '    data: model.onnx',
    '    loader_module: mlflow.onnx',
    `model_uuid: ${text(modelUuid)}`,
    `run_id: ${text(runId)}`,
    'saved_input_example_info:',
    '  artifact_path: input_example.json',
    '  type: ndarray',
    'signature:',
    `  inputs: ${text(inputs)}`,
    `  outputs: ${text(outputs)}`,
    '  params: null',
    `utc_time_created: ${text(created)}`,
    '',
  ].join('\n')
}

/** What Python needs to load the folder. */
export const requirementsFile = ['mlflow', 'numpy', 'onnx', 'onnxruntime', ''].join('\n')

function tensor(name: string, dtype: string, shape: number[]) {
  return { name, type: 'tensor', 'tensor-spec': { dtype, shape } }
}

function tensorType(type: ColumnType): string {
  return type === 'string' ? 'str' : 'float32'
}
