import { categorical, missingLeft, type TreeEnsemble, zeroIsMissing } from '../ensemble.ts'

/** The nodes of a TreeEnsembleRegressor, attribute by attribute. */
export interface OnnxNodes {
  readonly treeIds: number[]
  readonly nodeIds: number[]
  readonly featureIds: number[]
  readonly modes: ('LEAF' | 'BRANCH_LEQ' | 'BRANCH_EQ')[]
  readonly values: number[]
  readonly trueIds: number[]
  readonly falseIds: number[]
  readonly missingIsTrue: number[]
  readonly leafTrees: number[]
  readonly leafNodes: number[]
  readonly leafOutputs: number[]
  readonly leafWeights: number[]
}

/** A feature as some nodes test it. */
export interface OnnxSlot {
  readonly feature: number
  /** 0 is missing, too. */
  readonly zeroMissing: boolean
  /** It is a category: fractions are cut off. */
  readonly category: boolean
}

interface Chain {
  readonly categories: readonly number[]
  /** The categories go left; else they go right, and all others left. */
  readonly goLeft: boolean
}

/** The members of a set, or the others of the `known` categories if they are fewer. */
const toChain = ({ sets, setOffsets }: TreeEnsemble, set: number, known: number): Chain => {
  const begin = setOffsets[set]
  const size = (setOffsets[set + 1] - begin) * 32
  const isMember = (category: number): boolean =>
    category < size && ((sets[begin + (category >>> 5)] >>> (category & 31)) & 1) === 1
  const members: number[] = []
  for (let category = 0; category < (known || size); category += 1)
    if (isMember(category)) members.push(category)
  if (known === 0 || members.length * 2 <= known) return { categories: members, goLeft: true }
  const others = Array.from({ length: known }, (_, category) => category).filter((one) => !isMember(one))
  return { categories: others, goLeft: false }
}

const createNodes = (): OnnxNodes => ({
  treeIds: [],
  nodeIds: [],
  featureIds: [],
  modes: [],
  values: [],
  trueIds: [],
  falseIds: [],
  missingIsTrue: [],
  leafTrees: [],
  leafNodes: [],
  leafOutputs: [],
  leafWeights: [],
})

/**
 * The trees as ONNX has them. A test of a category is a chain of BRANCH_EQ nodes that share a child, as other converters
 * write it and ONNX Runtime reads it; ai.onnx.ml has sets only from opset 5 on. `known` is the number of categories that
 * a feature has, 0 if it is not known.
 */
export const listOnnxNodes = (
  ensemble: TreeEnsemble,
  known: readonly number[],
): { readonly nodes: OnnxNodes; readonly slots: readonly OnnxSlot[] } => {
  const { offsets, feature, threshold, right, flags, value, valuesPerLeaf, treeOutput, outputs } = ensemble
  const nodes = createNodes()
  const slots: OnnxSlot[] = []
  const placeOf = (tested: number, flag: number): number => {
    const slot = {
      feature: tested,
      zeroMissing: (flag & zeroIsMissing) !== 0,
      category: (flag & categorical) !== 0,
    }
    const found = slots.findIndex(
      (one) =>
        one.feature === tested && one.zeroMissing === slot.zeroMissing && one.category === slot.category,
    )
    return found >= 0 ? found : slots.push(slot) - 1
  }
  const add = (
    tree: number,
    id: number,
    mode: OnnxNodes['modes'][number],
    [slot, number, whenTrue, whenFalse, missingIsTrue]: readonly [number, number, number, number, boolean],
  ): void => {
    nodes.treeIds.push(tree)
    nodes.nodeIds.push(id)
    nodes.modes.push(mode)
    nodes.featureIds.push(slot)
    nodes.values.push(number)
    nodes.trueIds.push(whenTrue)
    nodes.falseIds.push(whenFalse)
    nodes.missingIsTrue.push(missingIsTrue ? 1 : 0)
  }
  const addWeight = (tree: number, id: number, output: number, weight: number): void => {
    nodes.leafTrees.push(tree)
    nodes.leafNodes.push(id)
    nodes.leafOutputs.push(output)
    nodes.leafWeights.push(weight)
  }
  // ONNX Runtime leaves out the base of an output that no leaf adds to.
  const idle = Array.from({ length: outputs }, (_, output) => output).filter(
    (output) => valuesPerLeaf === 1 && !treeOutput.includes(output),
  )
  const addLeaf = (tree: number, id: number, node: number): void => {
    add(tree, id, 'LEAF', [0, 0, 0, 0, false])
    if (valuesPerLeaf === 1) addWeight(tree, id, treeOutput[tree], value[node])
    else
      for (let output = 0; output < outputs; output += 1)
        addWeight(tree, id, output, value[node * outputs + output])
    if (tree === 0) for (const output of idle) addWeight(tree, id, output, 0)
  }
  for (let tree = 0; tree + 1 < offsets.length; tree += 1) {
    const root = offsets[tree]
    // Chains need more nodes than there are; they are numbered after all others.
    let free = offsets[tree + 1] - root
    for (let node = root; node < offsets[tree + 1]; node += 1) {
      const id = node - root
      if (feature[node] < 0) {
        addLeaf(tree, id, node)
        continue
      }
      const left = id + 1
      const rightId = right[node] - root
      const slot = placeOf(feature[node], flags[node])
      const missingGoesLeft = (flags[node] & missingLeft) !== 0
      if ((flags[node] & categorical) === 0) {
        add(tree, id, 'BRANCH_LEQ', [slot, threshold[node], left, rightId, missingGoesLeft])
        continue
      }
      const { categories, goLeft } = toChain(ensemble, threshold[node], known[feature[node]])
      // No category is 0.5, so that a chain without any leads on to its false child.
      const chain = categories.length > 0 ? categories : [0.5]
      const [whenTrue, otherwise] = goLeft ? [left, rightId] : [rightId, left]
      chain.forEach((category, index) => {
        const here = index === 0 ? id : free + index - 1
        const next = index + 1 === chain.length ? otherwise : free + index
        add(tree, here, 'BRANCH_EQ', [slot, category, whenTrue, next, missingGoesLeft === goLeft])
      })
      free += chain.length - 1
    }
  }
  if (slots.length === 0) placeOf(0, 0)
  return { nodes, slots }
}
