import { boundOnnxRuntime } from './bound-onnx.ts'
import { nativeRuntime } from './native.ts'
import { onnxRuntime } from './onnx.ts'
import type { ModelRuntime } from './runtime.ts'

/** The runtimes that serve, in the order in which they are asked. */
export const runtimes: readonly ModelRuntime[] = [boundOnnxRuntime, onnxRuntime, nativeRuntime]
