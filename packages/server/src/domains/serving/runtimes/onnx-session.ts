import type { InferenceSession } from 'onnxruntime-node'

const options: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

/** A graph of a file, or of its bytes, on one thread. The native library takes memory and time: it is loaded with the first one. */
export async function openSession(
  graph: string | Uint8Array,
): Promise<{ session: InferenceSession; Tensors: typeof import('onnxruntime-node').Tensor }> {
  const ort = await import('onnxruntime-node')
  const session =
    typeof graph === 'string'
      ? await ort.InferenceSession.create(graph, options)
      : await ort.InferenceSession.create(graph, options)
  return { session, Tensors: ort.Tensor }
}
