import { type OpenGraph, openSession } from '../../serving/index.ts'
import type { Refuse } from './import-error.ts'
import { takeInWeights } from './take-in-weights.ts'

/**
 * Opens the graph of a folder, with weights in files beside it taken into it: endpoints have one file. ONNX Runtime
 * gets no graph whose tensors name files, which would be files of this machine.
 * @throws what `refuse` makes of a graph whose weights cannot be taken in, or that ONNX Runtime does not open
 */
export async function openGraph(
  files: Readonly<Record<string, Uint8Array>>,
  path: string,
  refuse: Refuse,
): Promise<OpenGraph & { bytes: Uint8Array }> {
  try {
    const bytes = takeInWeights(files, path)
    return { ...(await openSession(bytes)), bytes }
  } catch (error) {
    throw refuse(`${path} cannot be opened: ${(error as Error).message}`, error)
  }
}
