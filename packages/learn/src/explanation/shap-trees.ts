import type { TreeEnsemble } from '../trees/ensemble.ts'
import { gaussLegendre } from './gauss-legendre.ts'

/**
 * A tree prepared for TreeSHAP. Nodes are numbered from the tree's root; what is said of a node is about the edge that
 * leads to it, with the feature that its parent tests. An edge is in one of three states: its feature has left the path
 * before (0), leaves it here (1), or stays on it (2).
 */
export interface ShapTree {
  /** The root, in the ensemble. */
  readonly root: number
  readonly size: number
  /** Points of the quadrature. */
  readonly points: number
  readonly parent: Int32Array
  /** The last edge above with the same feature; 0 (the root, which every row passes) if there is none. */
  readonly previous: Int32Array
  /** By edge, state and point: what the path's product is multiplied by. */
  readonly factors: Float64Array
  /** By edge, state and point: what the leaves below count for the edge's feature. */
  readonly shares: Float64Array
}

const refuse = (tree: number): never => {
  throw new RangeError(
    `TreeSHAP needs the number of training rows in each node, which tree ${tree} of the model does not have ` +
      '(files of ONNX have none; import the XGBoost or LightGBM model itself)',
  )
}

/** Which part of the rows in the parent goes on to the node; half of them if there were none. */
const shareOfParent = (ensemble: TreeEnsemble, node: number, parent: number): number => {
  const total = ensemble.cover[parent]
  return total > 0 ? ensemble.cover[node] / total : 0.5
}

const checkCovers = (
  { cover, feature, right }: TreeEnsemble,
  tree: number,
  root: number,
  end: number,
): void => {
  if (feature[root] >= 0 && !(cover[root] > 0)) refuse(tree)
  for (let node = root; node < end; node += 1) {
    if (feature[node] < 0) continue
    // Sums of hessians are rounded; anything more than that is no count of rows.
    const missing = cover[node] - cover[node + 1] - cover[right[node]]
    if (!(Math.abs(missing) <= 0.01 * cover[node] + 1e-6 * cover[root])) refuse(tree)
  }
}

const prepareTree = (ensemble: TreeEnsemble, tree: number): ShapTree => {
  const { offsets, feature, right } = ensemble
  const root = offsets[tree]
  const size = offsets[tree + 1] - root
  checkCovers(ensemble, tree, root, offsets[tree + 1])
  const parent = new Int32Array(size)
  const previous = new Int32Array(size)
  // How many features the path to a node has, and which part of the rows stays on it as far as the feature says.
  const pathFeatures = new Int32Array(size)
  const kept = new Float64Array(size).fill(1)
  let most = 1
  for (let node = 0; node < size; node += 1) {
    if (feature[root + node] < 0) continue
    const tested = feature[root + node]
    let above = node
    while (above > 0 && feature[root + parent[above]] !== tested) above = parent[above]
    for (const child of [node + 1, right[root + node] - root]) {
      parent[child] = node
      previous[child] = above
      pathFeatures[child] = pathFeatures[node] + (above === 0 ? 1 : 0)
      kept[child] = kept[above] * shareOfParent(ensemble, root + child, root + node)
      most = Math.max(most, pathFeatures[child])
    }
  }
  const { points, weights } = gaussLegendre((most + 1) >> 1)
  const count = points.length
  const factors = new Float64Array(size * 3 * count)
  const shares = new Float64Array(size * 3 * count)
  for (let node = 1; node < size; node += 1)
    for (let state = 0; state < 3; state += 1)
      for (let point = 0; point < count; point += 1) {
        const t = points[point]
        const before = previous[node]
        const wasOn = state === 0 ? 0 : 1
        const isOn = state === 2 ? 1 : 0
        const termBefore = before === 0 ? 1 : wasOn * t + kept[before] * (1 - t)
        const term = isOn * t + kept[node] * (1 - t)
        const at = (node * 3 + state) * count + point
        // A term is 0 where no training row went and this one does not go either; nothing below counts then.
        factors[at] = termBefore === 0 ? 0 : term / termBefore
        const share = term === 0 ? 0 : (isOn - kept[node]) / term
        const shareBefore = before === 0 || termBefore === 0 ? 0 : (wasOn - kept[before]) / termBefore
        shares[at] = weights[point] * (share - shareBefore)
      }
  return { root, size, points: count, parent, previous, factors, shares }
}

/** Throws a RangeError for trees that do not say how many rows came to each node. */
export const prepareShapTrees = (ensemble: TreeEnsemble): readonly ShapTree[] =>
  Array.from({ length: ensemble.offsets.length - 1 }, (_, tree) => prepareTree(ensemble, tree))
