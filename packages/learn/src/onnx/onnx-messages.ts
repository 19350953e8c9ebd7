import { encodeText } from '../text.ts'
import { createProtoWriter, type ProtoWriter } from './proto-writer.ts'

/** An attribute's value; a list of texts may repeat a few bytes very often, so it is taken as bytes. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly text: string }
  | { readonly floats: ArrayLike<number> }
  /** A tensor of one dimension: there is no list of doubles. */
  | { readonly doubles: ArrayLike<number> }
  | { readonly integers: ArrayLike<number> }
  | { readonly texts: readonly Uint8Array[] }
  | { readonly integer: number }

/** The main operators, those for classical models, and those that only ONNX Runtime has. */
export type OnnxDomain = '' | 'ai.onnx.ml' | 'com.microsoft'

export type OnnxNode = {
  readonly op: string
  readonly domain: OnnxDomain
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

export type OnnxElement = keyof typeof elementCode
/** A named tensor; a dimension is a size, or a name if it varies. */
export type OnnxValue = {
  readonly name: string
  readonly element: OnnxElement
  readonly shape: readonly (number | string)[]
}

/** A tensor that is part of the model. */
export type OnnxConstant = { readonly shape: readonly number[] } & (
  | { readonly element: 'float' | 'double' | 'int64'; readonly values: ArrayLike<number> }
  | { readonly element: 'string'; readonly values: readonly string[] }
)

export type OnnxGraphMessage = {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly constants: ReadonlyMap<string, OnnxConstant>
}

const elementCode = { float: 1, int32: 6, int64: 7, string: 8, bool: 9, double: 11 } as const
const attributeType = { float: 1, integer: 2, text: 3, tensor: 4, floats: 6, integers: 7, texts: 8 } as const

// The field numbers below are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).

const writeAttribute = (out: ProtoWriter, name: string, value: OnnxAttribute): void => {
  const type = (code: number): void => out.integer(20, code)
  out.text(1, name)
  if ('float' in value) {
    out.float(2, value.float)
    type(attributeType.float)
  } else if ('integer' in value) {
    out.integer(3, value.integer)
    type(attributeType.integer)
  } else if ('text' in value) {
    out.bytes(4, encodeText(value.text))
    type(attributeType.text)
  } else if ('floats' in value) {
    out.floats(7, value.floats)
    type(attributeType.floats)
  } else if ('doubles' in value) {
    out.message(5, (tensor) =>
      writeConstant(tensor, '', { element: 'double', shape: [value.doubles.length], values: value.doubles }),
    )
    type(attributeType.tensor)
  } else if ('integers' in value) {
    out.integers(8, value.integers)
    type(attributeType.integers)
  } else {
    for (const text of value.texts) out.bytes(9, text)
    type(attributeType.texts)
  }
}

const writeNode = (out: ProtoWriter, node: OnnxNode): void => {
  for (const input of node.inputs) out.text(1, input)
  for (const output of node.outputs) out.text(2, output)
  out.text(3, `make ${node.outputs[0]}`)
  out.text(4, node.op)
  for (const [name, value] of Object.entries(node.attributes))
    out.message(5, (attribute) => writeAttribute(attribute, name, value))
  out.text(7, node.domain)
}

/** Little-endian, as ONNX has it. */
const rawBytes = (element: 'float' | 'double' | 'int64', values: ArrayLike<number>): Uint8Array => {
  const width = element === 'float' ? 4 : 8
  const view = new DataView(new ArrayBuffer(values.length * width))
  for (let index = 0; index < values.length; index += 1) {
    if (element === 'float') view.setFloat32(index * width, values[index], true)
    else if (element === 'double') view.setFloat64(index * width, values[index], true)
    else view.setBigInt64(index * width, BigInt(values[index]), true)
  }
  return new Uint8Array(view.buffer)
}

const writeConstant = (out: ProtoWriter, name: string, constant: OnnxConstant): void => {
  out.integers(1, constant.shape)
  out.integer(2, elementCode[constant.element])
  if (constant.element === 'string') for (const text of constant.values) out.bytes(6, encodeText(text))
  else out.bytes(9, rawBytes(constant.element, constant.values))
  out.text(8, name)
}

const writeValue = (out: ProtoWriter, value: OnnxValue): void => {
  out.text(1, value.name)
  out.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.integer(1, elementCode[value.element])
      tensor.message(2, (shape) => {
        for (const size of value.shape)
          shape.message(1, (dimension) =>
            typeof size === 'number' ? dimension.integer(1, size) : dimension.text(2, size),
          )
      })
    }),
  )
}

const writeGraph = (out: ProtoWriter, graph: OnnxGraphMessage): void => {
  for (const node of graph.nodes) out.message(1, (inner) => writeNode(inner, node))
  out.text(2, graph.name)
  for (const [name, constant] of graph.constants)
    out.message(5, (inner) => writeConstant(inner, name, constant))
  for (const input of graph.inputs) out.message(11, (inner) => writeValue(inner, input))
  for (const output of graph.outputs) out.message(12, (inner) => writeValue(inner, output))
}

const versions: Readonly<Record<OnnxDomain, number>> = { '': 17, 'ai.onnx.ml': 3, 'com.microsoft': 1 }

/** The bytes of an ONNX model with this graph: IR version 8, opset 17, ai.onnx.ml 3 where it is used. */
export const writeOnnxModel = (graph: OnnxGraphMessage): Uint8Array => {
  const out = createProtoWriter()
  out.integer(1, 8)
  out.text(2, 'millrace')
  out.message(7, (inner) => writeGraph(inner, graph))
  const domains = new Set<OnnxDomain>(['', ...graph.nodes.map(({ domain }) => domain)])
  for (const domain of domains)
    out.message(8, (opset) => {
      opset.text(1, domain)
      opset.integer(2, versions[domain])
    })
  return out.finish().slice()
}
