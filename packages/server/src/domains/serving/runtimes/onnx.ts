import type { ColumnType } from '@millrace/protocol'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ModelManifest } from '../../registry/index.ts'
import { openSession } from './onnx-session.ts'
import {
  anomalyPredictions,
  classPredictions,
  clusterPredictions,
  numberPredictions,
  type Prediction,
} from './prediction.ts'
import {
  classesOf,
  type LoadedModel,
  type ModelBatch,
  type ModelColumn,
  type ModelRuntime,
  type OutputTask,
  outputTaskOf,
} from './runtime.ts'

const file = 'model.onnx'
/** Batches up to this size keep their tensors for the next time. */
const keptRows = 64

/**
 * ONNX through onnxruntime on one thread. Its `run` blocks the event loop for the whole inference, which suits small
 * tabular models (some 15 µs a row) and nothing slower.
 */
export const onnxRuntime: ModelRuntime = {
  name: 'onnx',
  supports: ({ files }) => file in files,
  async load(manifest, open) {
    const { session, Tensors } = await openSession(await open(file))
    try {
      checkSignature(session, manifest)
    } catch (error) {
      await session.release()
      throw error
    }
    return createModel(session, manifest, Tensors)
  },
}

function createModel(
  session: InferenceSession,
  manifest: ModelManifest,
  Tensors: typeof import('onnxruntime-node').Tensor,
): LoadedModel {
  const kept: ModelBatch[] = []
  const toPredictions = createReader(manifest)

  function createBatch(rows: number): ModelBatch {
    const feeds: Record<string, Tensor> = {}
    const columns = manifest.features.map(({ name, type }): ModelColumn => {
      const shape = [rows, 1]
      if (type === 'string') {
        const texts = new Array<string>(rows).fill('')
        feeds[name] = new Tensors('string', texts, shape)
        return texts
      }
      if (type === 'timestamp') {
        const times = new Float64Array(rows).fill(Number.NaN)
        feeds[name] = new Tensors('float64', times, shape)
        return times
      }
      const numbers = new Float32Array(rows).fill(Number.NaN)
      feeds[name] = new Tensors('float32', numbers, shape)
      return numbers
    })
    return { columns, run: async () => toPredictions(await session.run(feeds), rows) }
  }

  return {
    batch(rows) {
      if (rows > keptRows) return createBatch(rows)
      kept[rows] ??= createBatch(rows)
      return kept[rows]
    },
    unload: () => session.release(),
  }
}

type Outputs = InferenceSession.OnnxValueMapType

/** Reads the outputs of a graph as predictions. */
function createReader(manifest: ModelManifest): (outputs: Outputs, rows: number) => Prediction[] {
  const classes = classesOf(manifest)
  if (!classes) return createNumberReader(outputTaskOf(manifest))
  const width = classes.length
  return ({ label, probabilities }, rows) => {
    const shares = probabilities.data as Float32Array
    const labels = label.data as BigInt64Array | Uint8Array | string[]
    if (shares.length !== rows * width || labels.length !== rows) {
      throw new Error(
        `the model gave ${labels.length} labels and ${shares.length} probabilities for ${rows} rows`,
      )
    }
    return classPredictions(classes, shares, labels)
  }
}

/** Of models without classes: a number for each row, or a code with one. */
function createNumberReader(task: OutputTask): (outputs: Outputs, rows: number) => Prediction[] {
  return (outputs, rows) => {
    const codes = outputs.prediction.data as BigInt64Array | Float32Array
    const { data } = outputs[numberOutputs[task] ?? 'prediction']
    const values = data as Float32Array
    const wrong = [codes, values].find(({ length }) => length !== rows)
    if (wrong) throw new Error(`the model gave ${wrong.length} numbers for ${rows} rows`)
    if (task === 'clustering') return clusterPredictions(codes, values)
    return task === 'anomaly' ? anomalyPredictions(codes, values) : numberPredictions(values)
  }
}

/** The output with the numbers that go with the codes in `prediction`. */
const numberOutputs: Partial<Record<OutputTask, string>> = { clustering: 'distances', anomaly: 'scores' }

function checkSignature(session: InferenceSession, manifest: ModelManifest): void {
  const wanted = new Map(manifest.features.map(({ name, type }) => [name, tensorTypes[type] ?? 'float32']))
  for (const input of session.inputMetadata) {
    const type = wanted.get(input.name)
    const found = input.isTensor ? input.type : 'no tensor'
    if (type === undefined)
      throw new Error(`the graph wants the input "${input.name}", the manifest lacks it`)
    if (found !== type) throw new Error(`the input "${input.name}" should be ${type}, the graph has ${found}`)
    wanted.delete(input.name)
  }
  const [unknown] = wanted.keys()
  if (unknown !== undefined) throw new Error(`the graph has no input for the feature "${unknown}"`)
  for (const [name, type] of outputTypes(manifest)) {
    const output = session.outputMetadata.find((candidate) => candidate.name === name)
    const found = output?.isTensor ? output.type : 'none'
    if (found !== type) throw new Error(`the output "${name}" should be ${type}, the graph has ${found}`)
  }
}

/** What graphs take for features; floats for those of all other types. */
const tensorTypes: Partial<Record<ColumnType, string>> = { string: 'string', timestamp: 'float64' }

function outputTypes(manifest: ModelManifest): (readonly [string, string])[] {
  const classes = classesOf(manifest)
  if (!classes) {
    const numbers = numberOutputs[outputTaskOf(manifest)]
    if (numbers === undefined) return [['prediction', 'float32']]
    return [
      ['prediction', 'int64'],
      [numbers, 'float32'],
    ]
  }
  const label = {
    string: 'string',
    boolean: 'bool',
    number: classes.every(Number.isSafeInteger) ? 'int64' : 'float32',
  }
  return [
    ['label', label[typeof classes[0] as keyof typeof label]],
    ['probabilities', 'float32'],
  ]
}
