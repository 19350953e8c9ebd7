import { type OpenGraph, openSession } from '../../serving/index.ts'
import type { Refuse } from './import-error.ts'
import { takeInWeights } from './take-in-weights.ts'

/**
 * Opens the graph of a folder, with weights in files beside it taken into it: endpoints have one file, and a graph that
 * names other files of this machine must not read them.
 * @throws what `refuse` makes of a graph that ONNX Runtime does not open
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
