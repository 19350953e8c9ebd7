import { missingLeft } from '../trees/ensemble.ts'
import { floorToFloat32, nextFloat32Below } from './float32.ts'
import type { OnnxAttributes } from './onnx-graph.ts'
import { type ImportedNode, type ImportedTree, packCategories } from './pack-trees.ts'

export type Refuse = (reason: string) => never

/** What a leaf adds to an output. */
interface LeafWeight {
  readonly output: number
  readonly weight: number
}

/** Attributes that say the same have another name if they are doubles. */
const readNumbers = (attributes: OnnxAttributes, name: string): readonly number[] => {
  const numbers = attributes.numbers(name)
  return numbers.length > 0 ? numbers : attributes.numbers(`${name}_as_tensor`)
}

/** Where each node is: by the number of its tree, then by its own. */
type Places = ReadonlyMap<number, ReadonlyMap<number, number>>

const indexNodes = (trees: readonly number[], ids: readonly number[], refuse: Refuse): Places => {
  const places = new Map<number, Map<number, number>>()
  trees.forEach((tree, index) => {
    const nodes = places.get(tree) ?? new Map<number, number>()
    if (nodes.has(ids[index])) refuse(`tree ${tree} has two nodes ${ids[index]}`)
    nodes.set(ids[index], nodes.size)
    places.set(tree, nodes)
  })
  return places
}

const readLeaves = (
  attributes: OnnxAttributes,
  prefix: 'target' | 'class',
  refuse: Refuse,
): ReadonlyMap<string, LeafWeight[]> => {
  const trees = attributes.numbers(`${prefix}_treeids`)
  const nodes = attributes.numbers(`${prefix}_nodeids`)
  const outputs = attributes.numbers(`${prefix}_ids`)
  const weights = readNumbers(attributes, `${prefix}_weights`)
  if ([nodes, outputs, weights].some(({ length }) => length !== trees.length))
    refuse(`${prefix}_treeids, ${prefix}_nodeids, ${prefix}_ids and ${prefix}_weights differ in length`)
  const leaves = new Map<string, LeafWeight[]>()
  trees.forEach((tree, index) => {
    const key = `${tree} ${nodes[index]}`
    const leaf = leaves.get(key) ?? []
    leaf.push({ output: outputs[index], weight: weights[index] })
    leaves.set(key, leaf)
  })
  return leaves
}

export type Test = Pick<ImportedNode, 'threshold' | 'set' | 'flags'> & { readonly swapped: boolean }

/** A comparison as ours: `x <= threshold` goes left, to the node for true unless it is swapped. */
export const readTest = (mode: string, value: number, missingIsTrue: boolean, refuse: Refuse): Test => {
  const test = (swapped: boolean, threshold: number, nanIsTrue = missingIsTrue): Test => ({
    swapped,
    threshold,
    flags: nanIsTrue === swapped ? 0 : missingLeft,
  })
  switch (mode) {
    case 'BRANCH_LEQ':
      return test(false, floorToFloat32(value))
    case 'BRANCH_LT':
      return test(false, nextFloat32Below(Math.fround(value)))
    case 'BRANCH_GT':
      return test(true, floorToFloat32(value))
    case 'BRANCH_GTE':
      return test(true, nextFloat32Below(Math.fround(value)))
    case 'BRANCH_NEQ':
      // Nothing is equal to NaN.
      return { ...test(true, 0, true), set: packCategories([value], refuse) }
    default:
      return refuse(`it has nodes of mode '${mode}'`)
  }
}

export const readSet = (values: readonly number[], missingIsTrue: boolean, refuse: Refuse): Test => ({
  swapped: false,
  threshold: 0,
  set: packCategories(values, refuse),
  flags: missingIsTrue ? missingLeft : 0,
})

/** The columns of the nodes that a chain is made of. */
interface ChainColumns {
  readonly modes: readonly string[]
  readonly features: readonly number[]
  readonly whenTrue: readonly number[]
  /** The index of the node for false; -1 if there is none. */
  readonly falseIndex: (index: number) => number
}

/**
 * For each BRANCH_EQ node the next one that tests the same feature and has the same node for true, else -1: LightGBM's
 * converter writes a set of categories as such a chain.
 */
const linkChains = ({ modes, features, whenTrue, falseIndex }: ChainColumns): Int32Array => {
  // A node is part of one chain only, or a small file could have a great many long ones.
  const taken = new Uint8Array(modes.length)
  return Int32Array.from(modes, (mode, index) => {
    if (mode !== 'BRANCH_EQ') return -1
    const next = falseIndex(index)
    const goesOn =
      next > index &&
      taken[next] === 0 &&
      modes[next] === mode &&
      features[next] === features[index] &&
      whenTrue[next] === whenTrue[index]
    if (goesOn) taken[next] = 1
    return goesOn ? next : -1
  })
}

export interface OnnxTrees {
  readonly trees: readonly ImportedTree[]
  readonly treeOutput: Uint16Array
  readonly valuesPerLeaf: number
  /** The greatest feature that is tested. */
  readonly lastFeature: number
}

/** The trees of a TreeEnsembleRegressor ('target') or TreeEnsembleClassifier ('class') of ai.onnx.ml 1 to 4. */
export const readOnnxTrees = (
  attributes: OnnxAttributes,
  prefix: 'target' | 'class',
  outputs: number,
  refuse: Refuse,
): OnnxTrees => {
  const treeIds = attributes.numbers('nodes_treeids')
  const column = (name: string, values: readonly (number | string)[], optional = false) => {
    if (values.length !== treeIds.length && !(optional && values.length === 0))
      refuse(`${name} has ${values.length} values for ${treeIds.length} nodes`)
    return values
  }
  const numbers = (name: string, optional = false): readonly number[] =>
    column(name, readNumbers(attributes, name), optional) as readonly number[]
  const ids = numbers('nodes_nodeids')
  const features = numbers('nodes_featureids')
  const values = numbers('nodes_values')
  const whenTrue = numbers('nodes_truenodeids')
  const whenFalse = numbers('nodes_falsenodeids')
  const missingIsTrue = numbers('nodes_missing_value_tracks_true', true)
  const hits = numbers('nodes_hitrates', true)
  const modes = column('nodes_modes', attributes.texts('nodes_modes')) as readonly string[]
  const leaves = readLeaves(attributes, prefix, refuse)
  const places = indexNodes(treeIds, ids, refuse)

  // A tree that adds to one output only needs one number in each leaf.
  const outputsOf = new Map<number, Set<number>>([...places.keys()].map((tree) => [tree, new Set()]))
  for (const [key, weights] of leaves)
    for (const { output } of weights) {
      if (!(output >= 0 && output < outputs)) refuse(`a leaf adds to output ${output} of ${outputs}`)
      outputsOf.get(Number(key.split(' ')[0]))?.add(output)
    }
  const valuesPerLeaf = [...outputsOf.values()].every(({ size }) => size <= 1) ? 1 : outputs

  const readLeafValues = (tree: number, id: number): number[] => {
    const sums = new Array<number>(valuesPerLeaf).fill(0)
    for (const { output, weight } of leaves.get(`${tree} ${id}`) ?? [])
      sums[valuesPerLeaf === 1 ? 0 : output] += weight
    return sums
  }
  const childPlace = (tree: number, id: number): number => places.get(tree)?.get(id) ?? -1
  const indexes = new Map<number, number[]>([...places.keys()].map((tree) => [tree, []]))
  treeIds.forEach((tree, index) => {
    indexes.get(tree)?.push(index)
  })
  const falseIndex = (index: number): number =>
    indexes.get(treeIds[index])?.[childPlace(treeIds[index], whenFalse[index])] ?? -1
  const nextInChain = linkChains({ modes, features, whenTrue, falseIndex })
  const inside = new Set(nextInChain)
  const listChain = (index: number): number[] => {
    const chain = [index]
    for (let next = nextInChain[index]; next >= 0; next = nextInChain[next]) chain.push(next)
    return chain
  }
  const readNode = (index: number): ImportedNode => {
    const tree = treeIds[index]
    const cover = hits[index] ?? 0
    if (modes[index] === 'LEAF')
      return {
        feature: -1,
        threshold: 0,
        left: 0,
        right: 0,
        flags: 0,
        cover,
        gain: 0,
        values: readLeafValues(tree, ids[index]),
      }
    const feature = features[index]
    if (!(feature >= 0)) refuse(`node ${ids[index]} of tree ${tree} tests feature ${feature}`)
    const chain = listChain(index)
    const nanIsTrue = chain.some((one) => missingIsTrue[one] === 1)
    const { swapped, ...test } =
      modes[index] === 'BRANCH_EQ'
        ? readSet(
            chain.map((one) => values[one]),
            nanIsTrue,
            refuse,
          )
        : readTest(modes[index], values[index], nanIsTrue, refuse)
    const truePlace = childPlace(tree, whenTrue[index])
    const falsePlace = childPlace(tree, whenFalse[chain[chain.length - 1]])
    return {
      ...test,
      feature,
      left: swapped ? falsePlace : truePlace,
      right: swapped ? truePlace : falsePlace,
      cover,
      gain: 0,
      values: [],
    }
  }
  return {
    trees: Array.from(indexes.values(), (tree) =>
      tree.map((index) => (inside.has(index) ? undefined : readNode(index))),
    ),
    treeOutput: Uint16Array.from(indexes.keys(), (tree) => [...(outputsOf.get(tree) ?? [])][0] ?? 0),
    valuesPerLeaf,
    lastFeature: features.reduce((last, feature) => Math.max(last, feature), 0),
  }
}
