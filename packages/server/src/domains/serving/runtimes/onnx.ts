import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ModelManifest } from '../../registry/index.ts'
import type { LoadedModel, ModelBatch, ModelRuntime, Scores } from './runtime.ts'

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
    // Loaded only where a model is served: the native library takes memory and time.
    const ort = await import('onnxruntime-node')
    const session = await ort.InferenceSession.create(await open(file), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    })
    try {
      checkSignature(session, manifest)
    } catch (error) {
      await session.release()
      throw error
    }
    return createModel(session, manifest, ort.Tensor)
  },
}

function createModel(
  session: InferenceSession,
  manifest: ModelManifest,
  Tensors: typeof import('onnxruntime-node').Tensor,
): LoadedModel {
  const kept: ModelBatch[] = []

  function createBatch(rows: number): ModelBatch {
    const feeds: Record<string, Tensor> = {}
    const columns = manifest.features.map(({ name, type }) => {
      const shape = [rows, 1]
      if (type === 'string') {
        const texts = new Array<string>(rows).fill('')
        feeds[name] = new Tensors('string', texts, shape)
        return texts
      }
      const numbers = new Float32Array(rows).fill(Number.NaN)
      feeds[name] = new Tensors('float32', numbers, shape)
      return numbers
    })
    return { columns, run: async () => toScores(await session.run(feeds), rows) }
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

function toScores({ label, probabilities }: InferenceSession.OnnxValueMapType, rows: number): Scores {
  const shares = probabilities.data as Float32Array
  const classes = label.data as BigInt64Array
  if (shares.length !== rows * 2 || classes.length !== rows) {
    throw new Error(
      `the model gave ${classes.length} labels and ${shares.length} probabilities for ${rows} rows`,
    )
  }
  const scores: Scores = { labels: new Uint8Array(rows), probabilities: new Float64Array(rows) }
  for (let row = 0; row < rows; row++) {
    const share = shares[row * 2 + 1]
    if (!(share >= 0 && share <= 1)) throw new Error(`the model gave the probability ${share}`)
    scores.probabilities[row] = share
    scores.labels[row] = Number(classes[row])
  }
  return scores
}

function checkSignature(session: InferenceSession, { features }: ModelManifest): void {
  const wanted = new Map(features.map(({ name, type }) => [name, type === 'string' ? 'string' : 'float32']))
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
  for (const [name, type] of [
    ['label', 'int64'],
    ['probabilities', 'float32'],
  ] as const) {
    const output = session.outputMetadata.find((candidate) => candidate.name === name)
    const found = output?.isTensor ? output.type : 'none'
    if (found !== type) throw new Error(`the output "${name}" should be ${type}, the graph has ${found}`)
  }
}
