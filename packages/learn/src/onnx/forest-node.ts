import type { Forest } from '../forest/forest.ts'
import { encodeText } from '../text.ts'
import type { OnnxAttribute } from './onnx-messages.ts'

const leafMode = encodeText('LEAF')
const branchMode = encodeText('BRANCH_LEQ')

/**
 * The attributes of a TreeEnsembleRegressor that yields the mean share of class 1. (onnxruntime labels the
 * rows of a two-class TreeEnsembleClassifier wrongly when leaves vote for both classes, and completing a
 * single vote to two probabilities is its own convention; a mean and plain operators mean the same anywhere.)
 */
export const treeEnsembleAttributes = (forest: Forest): Record<string, OnnxAttribute> => {
  const { offsets, feature, threshold, right, share } = forest
  const trees = offsets.length - 1
  const size = feature.length
  const leaves = feature.reduce((count, tested) => (tested < 0 ? count + 1 : count), 0)
  const treeIds = new Uint32Array(size)
  const nodeIds = new Uint32Array(size)
  const featureIds = new Uint16Array(size)
  const lefts = new Uint32Array(size)
  const rights = new Uint32Array(size)
  const modes: Uint8Array[] = []
  const leafTrees = new Uint32Array(leaves)
  const leafNodes = new Uint32Array(leaves)
  const weights = new Float32Array(leaves)
  let leaf = 0
  for (let tree = 0; tree < trees; tree += 1) {
    const root = offsets[tree]
    for (let node = root; node < offsets[tree + 1]; node += 1) {
      treeIds[node] = tree
      nodeIds[node] = node - root
      if (feature[node] >= 0) {
        modes.push(branchMode)
        featureIds[node] = feature[node]
        lefts[node] = node + 1 - root
        rights[node] = right[node] - root
        continue
      }
      modes.push(leafMode)
      leafTrees[leaf] = tree
      leafNodes[leaf] = node - root
      weights[leaf] = share[node]
      leaf += 1
    }
  }
  return {
    nodes_treeids: { integers: treeIds },
    nodes_nodeids: { integers: nodeIds },
    nodes_featureids: { integers: featureIds },
    nodes_values: { floats: threshold },
    nodes_modes: { texts: modes },
    nodes_truenodeids: { integers: lefts },
    nodes_falsenodeids: { integers: rights },
    target_treeids: { integers: leafTrees },
    target_nodeids: { integers: leafNodes },
    target_ids: { integers: new Uint8Array(leaves) },
    target_weights: { floats: weights },
    n_targets: { integer: 1 },
    aggregate_function: { text: 'AVERAGE' },
    post_transform: { text: 'NONE' },
  }
}
