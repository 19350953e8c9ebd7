import { readFile } from 'node:fs/promises'
import type { ModelRuntime } from './runtime.ts'

/** The file of a model in this platform's own format. */
export const nativeFile = 'model.bin'

/**
 * Models in this platform's own format, by the same code that trained and judged them: for those that ONNX has no means
 * for. Blocks the event loop for the whole inference, as ONNX does.
 */
export const nativeRuntime: ModelRuntime = {
  name: 'native',
  supports: ({ files }) => nativeFile in files,
  async load(manifest, open) {
    // Loaded with the first such model: all learners come with it.
    const { readNativeModel } = await import('./native-model.ts')
    return readNativeModel(await readFile(await open(nativeFile)), manifest)
  },
}
