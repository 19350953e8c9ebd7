import type { TreeEnsemble } from '../trees/ensemble.ts'
import { goesLeft } from '../trees/goes-left.ts'
import { prepareShapTrees, type ShapTree } from './shap-trees.ts'

export interface TreeShap {
  /** What the trees give for no row in particular, by output. */
  readonly base: Float64Array
  /** Row after row, by output, by feature. */
  readonly values: Float64Array
}

/** Memory that is used for one row and tree after the other. */
interface Scratch {
  /** Of each edge: 0, 1 or 2, as {@link ShapTree} says; 2 for the root. */
  readonly states: Uint8Array
  /** By node and point: the product along the path. */
  readonly products: Float64Array
  /** By node and point: the sum of the leaves below, each times its product. */
  readonly sums: Float64Array
}

const createScratch = (trees: readonly ShapTree[]): Scratch => {
  const nodes = Math.max(...trees.map(({ size }) => size))
  const cells = Math.max(...trees.map(({ size, points }) => size * points))
  return {
    states: new Uint8Array(nodes),
    products: new Float64Array(cells),
    sums: new Float64Array(cells),
  }
}

/** From the root to the leaves: the state of each edge, and the product along each path. */
const descend = (
  ensemble: TreeEnsemble,
  tree: ShapTree,
  features: readonly Float32Array[],
  row: number,
  { states, products }: Scratch,
): void => {
  const { root, size, points, previous, factors } = tree
  const { feature, right } = ensemble
  states[0] = 2
  products.fill(1, 0, points)
  for (let node = 0; node < size; node += 1) {
    const tested = feature[root + node]
    if (tested < 0) continue
    const left = goesLeft(ensemble, root + node, features[tested][row]) ? 1 : 0
    const leftChild = node + 1
    const rightChild = right[root + node] - root
    const wasOn = states[previous[leftChild]] >> 1
    const leftState = wasOn + (wasOn & left)
    const rightState = wasOn + (wasOn & (1 - left))
    states[leftChild] = leftState
    states[rightChild] = rightState
    const leftFactors = (leftChild * 3 + leftState) * points
    const rightFactors = (rightChild * 3 + rightState) * points
    for (let point = 0; point < points; point += 1) {
      const product = products[node * points + point]
      products[leftChild * points + point] = product * factors[leftFactors + point]
      products[rightChild * points + point] = product * factors[rightFactors + point]
    }
  }
}

/** From the leaves to the root: adds what each edge says of its feature to `values`. */
const ascend = (
  ensemble: TreeEnsemble,
  tree: ShapTree,
  { states, products, sums }: Scratch,
  leafOutput: number,
  values: Float64Array,
  begin: number,
): void => {
  const { root, size, points, shares } = tree
  const { feature, right, value, valuesPerLeaf } = ensemble
  for (let node = size - 1; node >= 0; node -= 1) {
    const tested = feature[root + node]
    if (tested < 0) {
      const leaf = value[(root + node) * valuesPerLeaf + leafOutput]
      for (let at = node * points; at < (node + 1) * points; at += 1) sums[at] = leaf * products[at]
      continue
    }
    const leftChild = node + 1
    const rightChild = right[root + node] - root
    const leftShares = (leftChild * 3 + states[leftChild]) * points
    const rightShares = (rightChild * 3 + states[rightChild]) * points
    let total = 0
    for (let point = 0; point < points; point += 1) {
      const leftSum = sums[leftChild * points + point]
      const rightSum = sums[rightChild * points + point]
      sums[node * points + point] = leftSum + rightSum
      total += shares[leftShares + point] * leftSum + shares[rightShares + point] * rightSum
    }
    values[begin + tested] += total
  }
}

/** The mean of a tree over the rows it was grown on. */
const expectedValue = (
  ensemble: TreeEnsemble,
  { root, size, parent }: ShapTree,
  leafOutput: number,
): number => {
  const { feature, cover, value, valuesPerLeaf } = ensemble
  const reached = new Float64Array(size)
  reached[0] = 1
  let sum = 0
  for (let node = 0; node < size; node += 1) {
    if (node > 0) {
      const total = cover[root + parent[node]]
      reached[node] = reached[parent[node]] * (total > 0 ? cover[root + node] / total : 0.5)
    }
    if (feature[root + node] < 0) sum += reached[node] * value[(root + node) * valuesPerLeaf + leafOutput]
  }
  return sum
}

const baseOf = (ensemble: TreeEnsemble, trees: readonly ShapTree[]): Float64Array => {
  const { outputs, valuesPerLeaf, treeOutput, aggregate } = ensemble
  const sums = new Float64Array(outputs)
  trees.forEach((tree, index) => {
    const first = valuesPerLeaf === 1 ? treeOutput[index] : 0
    for (let leafOutput = 0; leafOutput < valuesPerLeaf; leafOutput += 1)
      sums[first + leafOutput] += expectedValue(ensemble, tree, leafOutput)
  })
  return sums.map(
    (sum, output) => (aggregate === 'average' ? sum / trees.length : sum) + ensemble.base[output],
  )
}

/** What does not depend on the rows; servers explain one at a time. */
interface Prepared {
  readonly trees: readonly ShapTree[]
  readonly scratch: Scratch
  readonly base: Float64Array
}

const prepared = new WeakMap<TreeEnsemble, Prepared>()

const prepare = (ensemble: TreeEnsemble): Prepared => {
  const known = prepared.get(ensemble)
  if (known) return known
  const trees = prepareShapTrees(ensemble)
  const made = { trees, scratch: createScratch(trees), base: baseOf(ensemble, trees) }
  prepared.set(ensemble, made)
  return made
}

/**
 * Exact SHAP values of trees, path-dependent as in TreeSHAP (Lundberg et al. 2020, algorithm 2): a feature that is left
 * out goes both ways, as often as the training rows went. They explain the sum before the link: base + Σ values is the
 * row's sum, by output.
 *
 * The game of a leaf is a product over the features of its path, o if the row fits their tests, 0 or 1, and z otherwise,
 * the part of the training rows that does. Its Shapley value is an integral over 0 … 1 (Owen 1972),
 *   value × (o - z) × ∫ Π over the other features (o t + z (1 - t)) dt,
 * of a polynomial, which Gauss-Legendre quadrature gives exactly; sums over leaves are shared as in Linear TreeSHAP
 * (Yu et al. 2022). Nothing is subtracted, so that deep trees lose no digits; time is O(nodes × depth / 2) per row.
 * Throws a RangeError for trees that do not say how many training rows came to each node.
 */
export const treeShap = (
  ensemble: TreeEnsemble,
  features: readonly Float32Array[],
  rows: number,
): TreeShap => {
  const { outputs, valuesPerLeaf, treeOutput, aggregate } = ensemble
  const { trees, scratch, base } = prepare(ensemble)
  const values = new Float64Array(rows * outputs * ensemble.features)
  trees.forEach((tree, index) => {
    const first = valuesPerLeaf === 1 ? treeOutput[index] : 0
    for (let row = 0; row < rows; row += 1) {
      descend(ensemble, tree, features, row, scratch)
      for (let leafOutput = 0; leafOutput < valuesPerLeaf; leafOutput += 1)
        ascend(
          ensemble,
          tree,
          scratch,
          leafOutput,
          values,
          (row * outputs + first + leafOutput) * ensemble.features,
        )
    }
  })
  if (aggregate === 'average') for (let at = 0; at < values.length; at += 1) values[at] /= trees.length
  return { base: base.slice(), values }
}
