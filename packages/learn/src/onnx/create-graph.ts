import type { OnnxGraph, OnnxOperator, OnnxTensor } from './graph.ts'
import { type OnnxConstant, type OnnxNode, type OnnxValue, writeOnnxModel } from './onnx-messages.ts'

/** A graph with the means to begin and to end it. */
export interface OnnxGraphBuilder extends OnnxGraph {
  /** An input of this name. */
  input(tensor: OnnxTensor): OnnxTensor
  /** The model as bytes, with these outputs under these names. */
  toBytes(outputs: ReadonlyMap<string, OnnxTensor>): Uint8Array
}

const shapeOf = ({ columns }: OnnxTensor): (string | number)[] =>
  columns === 0 ? ['rows'] : ['rows', columns]

const toValue = (name: string, tensor: OnnxTensor): OnnxValue => ({
  name,
  element: tensor.element,
  shape: shapeOf(tensor),
})

/** The nodes that lead to one of the names. */
const neededNodes = (nodes: readonly OnnxNode[], names: Iterable<string>): OnnxNode[] => {
  const needed = new Set(names)
  const kept: OnnxNode[] = []
  for (let index = nodes.length - 1; index >= 0; index -= 1) {
    const node = nodes[index]
    if (!node.outputs.some((output) => needed.has(output))) continue
    kept.push(node)
    for (const input of node.inputs) needed.add(input)
  }
  return kept.reverse()
}

// Equal constants of up to so many values are looked for; comparing larger ones costs more than it saves.
const comparedValues = 64

/** Pieces of one tensor that follow each other in a list, by their places in it. */
type Run = { readonly first: OnnxTensor; readonly source: OnnxTensor; readonly places: number[] }

/** An empty graph. Its own names start with ':'. */
export const createOnnxGraph = (name: string): OnnxGraphBuilder => {
  const inputs: OnnxValue[] = []
  const nodes: OnnxNode[] = []
  const constants = new Map<string, OnnxConstant>()
  const knownConstants = new Map<string, string>()
  const origins = new Map<string, { readonly source: OnnxTensor; readonly place: number }>()
  let names = 0
  const makeName = (): string => {
    names += 1
    return `:${names}`
  }

  const constant = (value: OnnxConstant): string => {
    const small = value.values.length <= comparedValues
    const { element, shape } = value
    const values: ArrayLike<number | string> = value.values
    const key = small
      ? JSON.stringify([
          element,
          shape,
          Array.from(values, (item) => (Object.is(item, -0) ? '-0' : String(item))),
        ])
      : ''
    const known = small ? knownConstants.get(key) : undefined
    if (known !== undefined) return known
    const made = makeName()
    constants.set(made, value)
    if (small) knownConstants.set(key, made)
    return made
  }

  const add = (op: string, operator: OnnxOperator): readonly OnnxTensor[] => {
    const outputs = operator.outputs.map((output) => ({ ...output, name: makeName() }))
    nodes.push({
      op,
      domain: operator.domain ?? '',
      inputs: operator.inputs.map((input) => (typeof input === 'string' ? input : input.name)),
      outputs: outputs.map((output) => output.name),
      attributes: operator.attributes ?? {},
    })
    return outputs
  }
  const one: OnnxGraph['one'] = (op, operator, output) => add(op, { ...operator, outputs: [output] })[0]

  const integers = (values: ArrayLike<number>, shape: readonly number[]): string =>
    constant({ element: 'int64', values, shape })

  const gather = ({ first, source, places }: Run): OnnxTensor => {
    if (places.length === 1) return first
    if (places.length === source.columns && places.every((place, index) => place === index)) return source
    return one(
      'Gather',
      {
        inputs: [source, integers(places, [places.length])],
        attributes: { axis: { integer: 1 } },
      },
      { element: source.element, columns: places.length },
    )
  }

  const join = (tensors: readonly OnnxTensor[]): OnnxTensor => {
    const parts: (OnnxTensor | Run)[] = []
    for (const tensor of tensors) {
      const origin = origins.get(tensor.name)
      const last = parts.at(-1)
      if (!origin) parts.push(tensor)
      else if (last && 'source' in last && last.source.name === origin.source.name)
        last.places.push(origin.place)
      else parts.push({ first: tensor, source: origin.source, places: [origin.place] })
    }
    const joined = parts.map((part) => ('source' in part ? gather(part) : part))
    if (joined.length === 1) return joined[0]
    return one(
      'Concat',
      { inputs: joined, attributes: { axis: { integer: 1 } } },
      { element: joined[0].element, columns: joined.reduce((sum, { columns }) => sum + columns, 0) },
    )
  }

  const split = (tensor: OnnxTensor): readonly OnnxTensor[] => {
    if (tensor.columns === 1) return [tensor]
    const pieces = add('Split', {
      inputs: [tensor, integers(new Array(tensor.columns).fill(1), [tensor.columns])],
      attributes: { axis: { integer: 1 } },
      outputs: Array.from({ length: tensor.columns }, () => ({ element: tensor.element, columns: 1 })),
    })
    pieces.forEach((piece, place) => {
      origins.set(piece.name, { source: tensor, place })
    })
    return pieces
  }

  return {
    add,
    one,
    join,
    split,
    integers,
    floats: (values, shape) => constant({ element: 'float', values, shape }),
    doubles: (values, shape) => constant({ element: 'double', values, shape }),
    texts: (values, shape) => constant({ element: 'string', values, shape }),
    input(tensor) {
      inputs.push(toValue(tensor.name, tensor))
      return tensor
    },
    toBytes(outputs) {
      for (const [output, tensor] of outputs)
        nodes.push({ op: 'Identity', domain: '', inputs: [tensor.name], outputs: [output], attributes: {} })
      const kept = neededNodes(nodes, outputs.keys())
      const used = new Set(kept.flatMap((node) => node.inputs))
      return writeOnnxModel({
        name,
        nodes: kept,
        inputs,
        outputs: [...outputs].map(([output, tensor]) => toValue(output, tensor)),
        constants: new Map([...constants].filter(([constantName]) => used.has(constantName))),
      })
    },
  }
}
