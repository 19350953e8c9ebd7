import { readFile } from 'node:fs/promises'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { type Flat, feedsOf } from './onnx-feeds.ts'
import type { OnnxTrial } from './onnx-trial.ts'

// Run by onnx-trial.ts: loads the model of the first argument, runs it on the example of the second.
const [model, example] = process.argv.slice(2)

const typed: Record<string, (values: unknown[]) => unknown> = {
  float32: (values) => Float32Array.from(values, toNumber),
  float64: (values) => Float64Array.from(values, toNumber),
  int64: (values) => BigInt64Array.from(values, (value) => BigInt(Math.trunc(toNumber(value)))),
  int32: (values) => Int32Array.from(values, toNumber),
  bool: (values) => Uint8Array.from(values, (value) => (value ? 1 : 0)),
  string: (values) => values.map((value) => (value === null ? '' : String(value))),
}

async function run(): Promise<OnnxTrial> {
  let session: InferenceSession
  try {
    session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  } catch (error) {
    return { loadError: messageOf(error) }
  }
  if (example === undefined) return {}
  try {
    const feeds = feedsOf(JSON.parse(await readFile(example, 'utf8')), session.inputNames)
    const tensors = session.inputMetadata.map((input) => {
      if (!input.isTensor) throw new Error(`the input "${input.name}" is no tensor`)
      return [input.name, tensorOf(input.type, input.shape.length, feeds[input.name])] as const
    })
    const outputs = await session.run(Object.fromEntries(tensors))
    for (const [name, output] of Object.entries(outputs)) {
      if (output.dims.includes(0)) return { runError: `the output "${name}" is empty` }
    }
    return {}
  } catch (error) {
    return { runError: messageOf(error) }
  }
}

function tensorOf(type: string, rank: number, { values, shape }: Flat): Tensor {
  const make = typed[type]
  if (!make) throw new Error(`inputs of type ${type} cannot be made from an example`)
  // A column of plain values is often meant as [rows, 1].
  const dims = shape.length === 1 && rank === 2 ? [...shape, 1] : shape
  return new Tensor(type as 'float32', make(values) as Float32Array, dims)
}

/** Missing values are null in JSON. */
function toNumber(value: unknown): number {
  return value === null ? Number.NaN : Number(value)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

process.send?.(await run(), () => process.disconnect())
