import type { InferenceSession } from 'onnxruntime-node'

/** A graph on one thread. The native library takes memory and time: it is loaded with the first one. */
export async function openSession(
  path: string,
  options: InferenceSession.SessionOptions = {},
): Promise<{ session: InferenceSession; Tensors: typeof import('onnxruntime-node').Tensor }> {
  const ort = await import('onnxruntime-node')
  const session = await ort.InferenceSession.create(path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    ...options,
  })
  return { session, Tensors: ort.Tensor }
}
