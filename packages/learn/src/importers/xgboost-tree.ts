import { missingLeft } from '../trees/ensemble.ts'
import { nextFloat32Below } from './float32.ts'
import { type ImportedNode, type ImportedTree, packCategories } from './pack-trees.ts'
import type { DataReader } from './read-data.ts'

const maxNodes = 2 ** 28

/** Which nodes test categories, and which of them. */
const readCategories = (
  reader: DataReader,
  tree: Readonly<Record<string, unknown>>,
  path: string,
): Map<number, ArrayLike<number>> => {
  const nodes = reader.numbers(tree.categories_nodes ?? [], `${path}.categories_nodes`)
  const begins = reader.numbers(tree.categories_segments ?? [], `${path}.categories_segments`, nodes.length)
  const sizes = reader.numbers(tree.categories_sizes ?? [], `${path}.categories_sizes`, nodes.length)
  const categories = Array.from(reader.numbers(tree.categories ?? [], `${path}.categories`))
  const found = new Map<number, ArrayLike<number>>()
  for (let index = 0; index < nodes.length; index += 1) {
    const end = begins[index] + sizes[index]
    if (!(begins[index] >= 0 && sizes[index] >= 0 && end <= categories.length))
      reader.refuse(`${path}.categories_segments goes beyond the categories`)
    found.set(nodes[index], categories.slice(begins[index], end))
  }
  return found
}

/**
 * A tree of XGBoost's JSON (https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html). Its rows go left
 * for `x < threshold`; those whose category is in the set go right, so that children are swapped there.
 */
export const readXgboostTree = (
  reader: DataReader,
  value: unknown,
  path: string,
  scale: number,
): ImportedTree => {
  const tree = reader.record(value, path)
  const parameters = reader.record(tree.tree_param, `${path}.tree_param`)
  const size = reader.integer(parameters.num_nodes, `${path}.tree_param.num_nodes`, 1, maxNodes)
  if (
    reader.integer(parameters.size_leaf_vector ?? 1, `${path}.tree_param.size_leaf_vector`, 0, maxNodes) > 1
  )
    reader.refuse(`${path} has several numbers in a leaf (multi_strategy=multi_output_tree)`)
  const column = (name: string): ArrayLike<number> => reader.numbers(tree[name], `${path}.${name}`, size)
  const left = column('left_children')
  const right = column('right_children')
  const feature = column('split_indices')
  const conditions = column('split_conditions')
  const defaultLeft = column('default_left')
  const cover = column('sum_hessian')
  const gain = column('loss_changes')
  const splitType = tree.split_type === undefined ? undefined : column('split_type')
  const categories = readCategories(reader, tree, path)

  const readNode = (node: number): ImportedNode => {
    if (left[node] === -1)
      return {
        feature: -1,
        threshold: 0,
        left: 0,
        right: 0,
        flags: 0,
        cover: cover[node],
        gain: 0,
        values: [Math.fround(conditions[node]) * Math.fround(scale)],
      }
    if (!(feature[node] >= 0)) reader.refuse(`${path} tests feature ${feature[node]} in node ${node}`)
    const common = { feature: feature[node], cover: cover[node], gain: gain[node], values: [] }
    const goesLeft = defaultLeft[node] !== 0
    if (splitType?.[node] === 1)
      return {
        ...common,
        threshold: 0,
        set: packCategories(
          categories.get(node) ?? reader.refuse(`${path} lacks the categories of node ${node}`),
          reader.refuse,
        ),
        left: right[node],
        right: left[node],
        flags: goesLeft ? 0 : missingLeft,
      }
    return {
      ...common,
      threshold: nextFloat32Below(Math.fround(conditions[node])),
      left: left[node],
      right: right[node],
      flags: goesLeft ? missingLeft : 0,
    }
  }
  return Array.from({ length: size }, (_, node) => readNode(node))
}
