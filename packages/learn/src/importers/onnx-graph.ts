import { bytesOf, numbersOf, type ProtoField, readProto, textsOf } from './proto-reader.ts'

// The field numbers below are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).

/** The attributes of an operator: one value or a list, by what the attribute says it is. */
export interface OnnxAttributes {
  numbers(name: string): readonly number[]
  texts(name: string): readonly string[]
}

export interface OnnxOperator {
  readonly op: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: OnnxAttributes
}

export interface OnnxInput {
  readonly name: string
  /** The size of the last dimension; undefined if it varies. */
  readonly columns?: number
}

export interface OnnxFile {
  readonly operators: readonly OnnxOperator[]
  readonly inputs: readonly OnnxInput[]
}

/** The numbers of a TensorProto of float, double or uint8. */
const readTensor = (bytes: Uint8Array): number[] => {
  const fields = readProto(bytes)
  const type = numbersOf(fields, 2, 'integer').at(-1)
  const raw = bytesOf(fields, 9).at(-1)
  if (type === 1) return raw ? rawNumbers(raw, 4) : numbersOf(fields, 4, 'float')
  if (type === 2) return raw ? Array.from(raw) : numbersOf(fields, 5, 'integer')
  if (type === 11) return raw ? rawNumbers(raw, 8) : numbersOf(fields, 10, 'double')
  throw new RangeError(
    `it has a tensor of type ${type} as an attribute; float (1), uint8 (2) and double (11) can be read`,
  )
}

const rawNumbers = (bytes: Uint8Array, size: 4 | 8): number[] => {
  if (bytes.length % size !== 0) throw new RangeError(`it has a tensor of ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / size }, (_, index) =>
    size === 4 ? view.getFloat32(index * 4, true) : view.getFloat64(index * 8, true),
  )
}

const readAttributes = (messages: readonly Uint8Array[]): OnnxAttributes => {
  const byName = new Map<string, readonly ProtoField[]>(
    messages.map((message) => {
      const fields = readProto(message)
      return [textsOf(fields, 1).at(-1) ?? '', fields]
    }),
  )
  return {
    numbers(name) {
      const fields = byName.get(name) ?? []
      return [
        ...numbersOf(fields, 2, 'float'),
        ...numbersOf(fields, 3, 'integer'),
        ...bytesOf(fields, 5).flatMap(readTensor),
        ...numbersOf(fields, 7, 'float'),
        ...numbersOf(fields, 8, 'integer'),
      ]
    },
    texts(name) {
      const fields = byName.get(name) ?? []
      return [...textsOf(fields, 4), ...textsOf(fields, 9)]
    },
  }
}

const readOperator = (bytes: Uint8Array): OnnxOperator => {
  const fields = readProto(bytes)
  return {
    op: textsOf(fields, 4).at(-1) ?? '',
    domain: textsOf(fields, 7).at(-1) ?? '',
    inputs: textsOf(fields, 1),
    outputs: textsOf(fields, 2),
    attributes: readAttributes(bytesOf(fields, 5)),
  }
}

const readInput = (bytes: Uint8Array): OnnxInput => {
  const fields = readProto(bytes)
  const [dimension] = bytesOf(fields, 2)
    .flatMap((type) => bytesOf(readProto(type), 1))
    .flatMap((tensor) => bytesOf(readProto(tensor), 2))
    .map((shape) => bytesOf(readProto(shape), 1))
    .map((dimensions) => dimensions.at(-1))
  const size = dimension && numbersOf(readProto(dimension), 1, 'integer').at(-1)
  return { name: textsOf(fields, 1).at(-1) ?? '', columns: size && size > 0 ? size : undefined }
}

/** The operators and inputs of an ONNX model. Throws a RangeError if the bytes are none. */
export const readOnnxFile = (bytes: Uint8Array): OnnxFile => {
  const [graph] = bytesOf(readProto(bytes), 7)
  if (!graph) throw new RangeError('it has no graph')
  const fields = readProto(graph)
  const constants = new Set(bytesOf(fields, 5).flatMap((tensor) => textsOf(readProto(tensor), 8)))
  return {
    operators: bytesOf(fields, 1).map(readOperator),
    inputs: bytesOf(fields, 11)
      .map(readInput)
      .filter(({ name }) => !constants.has(name)),
  }
}
