import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ModelManifest, OnnxBinding, OnnxInputType } from '../../registry/index.ts'
import { openSession } from './onnx-session.ts'
import { classPredictions, numberPredictions, type Prediction } from './prediction.ts'
import { classesOf, type LoadedModel, type ModelColumn, type ModelRuntime } from './runtime.ts'

const file = 'model.onnx'

/** ONNX graphs that were made elsewhere, with inputs and outputs as the manifest says. */
export const boundOnnxRuntime: ModelRuntime = {
  name: 'bound-onnx',
  supports: ({ files, onnx }) => onnx !== undefined && file in files,
  async load(manifest, open) {
    const { onnx } = manifest
    if (!onnx) throw new Error('the manifest does not say how features go into the graph')
    const graph = await openSession(await open(file))
    try {
      return createModel(graph, onnx, manifest)
    } catch (error) {
      await graph.session.release()
      throw error
    }
  },
}

export interface OpenGraph {
  session: InferenceSession
  Tensors: typeof import('onnxruntime-node').Tensor
}

/**
 * How rows get into the graph: columns to fill, one for each feature, and the tensors that they make.
 * @throws an Error for a graph without such inputs
 */
export function bindInputs(
  { session, Tensors }: OpenGraph,
  { inputs: bound }: Pick<OnnxBinding, 'inputs'>,
  features: ModelManifest['features'],
) {
  const placeOf = new Map(features.map(({ name }, place) => [name, place]))
  const inputs = bound.map(({ name, type, features: names }) => {
    const found = session.inputMetadata.find((input) => input.name === name)
    const rank = found?.isTensor ? found.shape.length : 0
    if (found?.isTensor !== true || found.type !== type || rank < 1 || rank > 2) {
      throw new Error(`the graph has no input "${name}" of ${type} in rows`)
    }
    const places = names.map((feature) => {
      const place = placeOf.get(feature)
      if (place === undefined) throw new Error(`"${name}" takes "${feature}", which is no feature`)
      return place
    })
    return { name, type, places, shape: (rows: number) => (rank === 1 ? [rows] : [rows, places.length]) }
  })
  return {
    columns: (rows: number) =>
      features.map(
        ({ type }): ModelColumn =>
          type === 'string' ? new Array<string>(rows).fill('') : new Float64Array(rows).fill(Number.NaN),
      ),
    feeds: (columns: readonly ModelColumn[], rows: number): Record<string, Tensor> =>
      Object.fromEntries(
        inputs.map(({ name, type, places, shape }) => {
          const own = places.map((place) => columns[place])
          return [name, new Tensors(type, pack(type, own, rows), shape(rows))]
        }),
      ),
  }
}

function createModel(graph: OpenGraph, onnx: OnnxBinding, manifest: ModelManifest): LoadedModel {
  const { session } = graph
  const inputs = bindInputs(graph, onnx, manifest.features)
  const toPredictions = createReader(manifest)
  return {
    ...(onnx.takesMissing ? {} : { takesMissing: false as const }),
    batch(rows) {
      const columns = inputs.columns(rows)
      return {
        columns,
        async run() {
          const { [onnx.output]: output } = await session.run(inputs.feeds(columns, rows), [onnx.output])
          return toPredictions(output.data as Float32Array, rows)
        },
      }
    },
    unload: () => session.release(),
  }
}

type Packed = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | string[]

/** Columns side by side, row after row. */
function pack(type: OnnxInputType, columns: readonly ModelColumn[], rows: number): Packed {
  const width = columns.length
  const values = allocate[type](rows * width)
  for (const [place, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) values[row * width + place] = convert(type, column[row]) as never
  }
  return values
}

const allocate: Record<OnnxInputType, (length: number) => Packed> = {
  float32: (length) => new Float32Array(length),
  float64: (length) => new Float64Array(length),
  int64: (length) => new BigInt64Array(length),
  int32: (length) => new Int32Array(length),
  bool: (length) => new Uint8Array(length),
  string: (length) => new Array<string>(length).fill(''),
}

function convert(type: OnnxInputType, value: string | number): string | number | bigint {
  if (type === 'string' || type === 'float32' || type === 'float64') return value
  if (!fits(type, Number(value))) throw new Error(`the graph takes ${taken[type]}, and the value is ${value}`)
  return type === 'int64' ? BigInt(value) : value
}

const taken = { int64: 'whole numbers', int32: 'whole numbers of 32 bits', bool: '0 and 1' } as const

/** Typed arrays would wrap what does not fit, without a word. */
function fits(type: keyof typeof taken, value: number): boolean {
  if (type === 'bool') return value === 0 || value === 1
  return type === 'int32' ? (value | 0) === value : Number.isSafeInteger(value)
}

function createReader(manifest: ModelManifest): (values: ArrayLike<number>, rows: number) => Prediction[] {
  const classes = classesOf(manifest)
  if (!classes) {
    return (values, rows) => {
      if (values.length !== rows) throw new Error(`the model gave ${values.length} numbers for ${rows} rows`)
      return numberPredictions(values)
    }
  }
  return (values, rows) => {
    const shares = classes.length === 2 && values.length === rows ? withFirst(values) : values
    if (shares.length !== rows * classes.length) {
      throw new Error(
        `the model gave ${values.length} numbers for ${rows} rows, of ${classes.length} classes`,
      )
    }
    checkSums(shares, classes.length)
    return classPredictions(classes, shares)
  }
}

/** The probabilities of both classes, out of those of the second. */
function withFirst(second: ArrayLike<number>): Float64Array {
  const both = new Float64Array(2 * second.length)
  for (let row = 0; row < second.length; row++) {
    both[2 * row] = 1 - second[row]
    both[2 * row + 1] = second[row]
  }
  return both
}

/** @throws an Error for rows of scores, which may each look like a probability */
function checkSums(shares: ArrayLike<number>, width: number): void {
  for (let start = 0; start < shares.length; start += width) {
    let sum = 0
    for (let code = 0; code < width; code++) sum += shares[start + code]
    if (!(Math.abs(sum - 1) <= 1e-3)) {
      throw new Error(`the model's numbers are not probabilities: those of a row add up to ${sum}`)
    }
  }
}
