/** A tensor that goes into the model or comes out of it. */
export interface TensorField {
  name: string
  /** As numpy calls it; texts are `str`. */
  dtype: string
  shape: readonly number[]
}

export interface MlModelInput {
  runId: string
  modelUuid: string
  /** Milliseconds. */
  createdAt: number
  inputs: readonly TensorField[]
  outputs: readonly TensorField[]
  /** Whether there is a `model.onnx`, which MLflow can load. */
  onnx: boolean
  /** This platform's own file, and the kind of the model in it. */
  native: { path: string; kind: string }
}

/**
 * The file `MLmodel` that lets MLflow load the folder: as an ONNX model, and as a Python function whose inputs are
 * tensors [N, 1], one for each feature; without ONNX neither. In YAML, with signatures as JSON texts, as MLflow writes
 * it.
 */
export function mlModelFile(model: MlModelInput): string {
  const { runId, modelUuid, createdAt, native } = model
  const created = new Date(createdAt).toISOString().replace('T', ' ').replace('Z', '000')
  const text = (value: unknown) => JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value))
  return [
    'artifact_path: model',
    'flavors:',
    '  millrace:',
    `    data: ${native.path}`,
    `    model_class: ${native.kind}`,
    ...(model.onnx ? onnxFlavors : []),
    `model_uuid: ${text(modelUuid)}`,
    `run_id: ${text(runId)}`,
    'saved_input_example_info:',
    '  artifact_path: input_example.json',
    '  type: ndarray',
    'signature:',
    `  inputs: ${text(model.inputs.map(tensor))}`,
    `  outputs: ${text(model.outputs.map(tensor))}`,
    '  params: null',
    `utc_time_created: ${text(created)}`,
    '',
  ].join('\n')
}

const onnxFlavors = [
  '  onnx:',
  '    code: null',
  '    data: model.onnx',
  '    providers:',
  '    - CPUExecutionProvider',
  '  python_function:',
  '    data: model.onnx',
  '    loader_module: mlflow.onnx',
]

/** What Python needs to load the folder. */
export const requirementsFile = ['mlflow', 'numpy', 'onnx', 'onnxruntime', ''].join('\n')

function tensor({ name, dtype, shape }: TensorField) {
  return { name, type: 'tensor', 'tensor-spec': { dtype, shape } }
}
