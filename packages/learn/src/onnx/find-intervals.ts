import { encodeText } from '../text.ts'
import type { OnnxGraph, OnnxTensor } from './graph.ts'

const leafMode = encodeText('LEAF')
const branchMode = encodeText('BRANCH_LT')

/**
 * For each column of a float tensor how many of its ascending edges are not above the value, as float: a binary search,
 * written as one tree for each column. NaN counts as above all edges.
 */
export const findIntervals = (
  graph: OnnxGraph,
  tensor: OnnxTensor,
  edges: readonly ArrayLike<number>[],
): OnnxTensor => {
  const treeIds: number[] = []
  const nodeIds: number[] = []
  const featureIds: number[] = []
  const values: number[] = []
  const modes: Uint8Array[] = []
  const lefts: number[] = []
  const rights: number[] = []
  const leaves: { tree: number; node: number; interval: number }[] = []
  edges.forEach((list, tree) => {
    let nodes = 0
    const grow = (from: number, to: number): number => {
      const node = nodes
      nodes += 1
      const at = treeIds.length
      const middle = (from + to) >> 1
      treeIds.push(tree)
      nodeIds.push(node)
      featureIds.push(tree)
      lefts.push(0)
      rights.push(0)
      values.push(from === to ? 0 : list[middle])
      modes.push(from === to ? leafMode : branchMode)
      if (from === to) leaves.push({ tree, node, interval: from })
      else {
        lefts[at] = grow(from, middle)
        rights[at] = grow(middle + 1, to)
      }
      return node
    }
    grow(0, list.length)
  })
  return graph.one(
    'TreeEnsembleRegressor',
    {
      domain: 'ai.onnx.ml',
      inputs: [tensor],
      attributes: {
        nodes_treeids: { integers: treeIds },
        nodes_nodeids: { integers: nodeIds },
        nodes_featureids: { integers: featureIds },
        nodes_values: { floats: values },
        nodes_modes: { texts: modes },
        nodes_truenodeids: { integers: lefts },
        nodes_falsenodeids: { integers: rights },
        target_treeids: { integers: leaves.map(({ tree }) => tree) },
        target_nodeids: { integers: leaves.map(({ node }) => node) },
        target_ids: { integers: leaves.map(({ tree }) => tree) },
        target_weights: { floats: leaves.map(({ interval }) => interval) },
        n_targets: { integer: edges.length },
        aggregate_function: { text: 'SUM' },
        post_transform: { text: 'NONE' },
      },
    },
    { element: 'float', columns: edges.length },
  )
}
