import type { OnnxAttributes } from './onnx-graph.ts'
import { type OnnxTrees, type Refuse, readSet, readTest } from './onnx-trees.ts'
import type { ImportedNode, ImportedTree } from './pack-trees.ts'

// https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html: modes by number, the last one tests sets.
const modes = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'] as const
const equal = 4
const member = 6

/** The columns of the nodes and of the leaves. */
interface Columns {
  readonly modes: readonly number[]
  readonly features: readonly number[]
  readonly splits: readonly number[]
  /** Where a row goes by the outcome: a node, or a leaf where the flag of the same index is 1. */
  readonly whenTrue: readonly number[]
  readonly whenFalse: readonly number[]
  readonly trueIsLeaf: readonly number[]
  readonly falseIsLeaf: readonly number[]
  readonly missingIsTrue: readonly number[]
  /** The values that each node tests whose mode is `member`, by the index of the node. */
  readonly sets: ReadonlyMap<number, readonly number[]>
  readonly targets: readonly number[]
  readonly weights: readonly number[]
}

/** The values of the sets follow each other, a NaN after each of them; the last one may be left out. */
const readSets = (
  nodeModes: readonly number[],
  values: readonly number[],
  refuse: Refuse,
): ReadonlyMap<number, readonly number[]> => {
  const sets = new Map<number, readonly number[]>()
  let begin = 0
  nodeModes.forEach((mode, index) => {
    if (mode !== member) return
    if (begin >= values.length) refuse('membership_values has fewer sets than there are nodes that test one')
    let end = begin
    while (end < values.length && !Number.isNaN(values[end])) end += 1
    sets.set(index, values.slice(begin, end))
    begin = end + 1
  })
  if (begin < values.length) refuse('membership_values has more sets than there are nodes that test one')
  return sets
}

const readColumns = (attributes: OnnxAttributes, refuse: Refuse): Columns => {
  const nodeModes = attributes.numbers('nodes_modes')
  const column = (name: string, optional = false): readonly number[] => {
    const values = attributes.numbers(name)
    if (values.length !== nodeModes.length && !(optional && values.length === 0))
      refuse(`${name} has ${values.length} values for ${nodeModes.length} nodes`)
    return values
  }
  const targets = attributes.numbers('leaf_targetids')
  const weights = attributes.numbers('leaf_weights')
  if (targets.length !== weights.length) refuse('leaf_targetids and leaf_weights differ in length')
  return {
    modes: nodeModes,
    features: column('nodes_featureids'),
    splits: column('nodes_splits'),
    whenTrue: column('nodes_truenodeids'),
    whenFalse: column('nodes_falsenodeids'),
    trueIsLeaf: column('nodes_trueleafs'),
    falseIsLeaf: column('nodes_falseleafs'),
    missingIsTrue: column('nodes_missing_value_tracks_true', true),
    sets: readSets(nodeModes, attributes.numbers('membership_values'), refuse),
    targets,
    weights,
  }
}

const testOf = (columns: Columns, index: number, refuse: Refuse) => {
  const mode = columns.modes[index]
  const missingIsTrue = columns.missingIsTrue[index] === 1
  if (mode === equal || mode === member)
    return readSet(columns.sets.get(index) ?? [columns.splits[index]], missingIsTrue, refuse)
  return readTest(modes[mode] ?? `${mode}`, columns.splits[index], missingIsTrue, refuse)
}

/** The tree below a node. Leaves may be shared, nodes not: a small file could otherwise lead to a great many. */
const readTree = (
  columns: Columns,
  root: number,
  { seen, valuesOf }: { readonly seen: Uint8Array; readonly valuesOf: (leaf: number) => number[] },
  refuse: Refuse,
): ImportedTree => {
  const tree: ImportedNode[] = []
  const children: { readonly index: number; readonly isLeaf: boolean }[] = [{ index: root, isLeaf: false }]
  const enter = (index: number, isLeaf: boolean): number => children.push({ index, isLeaf }) - 1
  // Children are appended to the list that is gone through.
  for (const { index, isLeaf } of children) {
    // Neither the operator nor its converters say how many rows came to a leaf.
    const common = { cover: 0, gain: 0 }
    if (isLeaf) {
      if (!(index >= 0 && index < columns.targets.length)) refuse(`there is no leaf ${index}`)
      tree.push({
        ...common,
        feature: -1,
        threshold: 0,
        left: 0,
        right: 0,
        flags: 0,
        values: valuesOf(index),
      })
      continue
    }
    if (!(index >= 0 && index < seen.length)) refuse(`there is no node ${index}`)
    if (seen[index] === 1) refuse(`more than one way leads to node ${index}`)
    seen[index] = 1
    const feature = columns.features[index]
    if (!(feature >= 0)) refuse(`node ${index} tests feature ${feature}`)
    const { swapped, ...test } = testOf(columns, index, refuse)
    const truePlace = enter(columns.whenTrue[index], columns.trueIsLeaf[index] === 1)
    const falsePlace = enter(columns.whenFalse[index], columns.falseIsLeaf[index] === 1)
    tree.push({
      ...common,
      ...test,
      feature,
      left: swapped ? falsePlace : truePlace,
      right: swapped ? truePlace : falsePlace,
      values: [],
    })
  }
  return tree
}

/** The trees of a TreeEnsemble of ai.onnx.ml 5. */
export const readTreeEnsemble = (attributes: OnnxAttributes, outputs: number, refuse: Refuse): OnnxTrees => {
  const columns = readColumns(attributes, refuse)
  const wrong = columns.targets.find((target) => !(target >= 0 && target < outputs))
  if (wrong !== undefined) refuse(`a leaf adds to output ${wrong} of ${outputs}`)
  const seen = new Uint8Array(columns.modes.length)
  const roots = attributes.numbers('tree_roots')
  const leavesOf: Set<number>[] = []
  const trees = roots.map((root) => {
    const found = new Set<number>()
    leavesOf.push(found)
    const valuesOf = (leaf: number): number[] => {
      found.add(columns.targets[leaf])
      return [leaf]
    }
    return readTree(columns, root, { seen, valuesOf }, refuse)
  })
  // A tree that adds to one output only needs one number in each leaf.
  const valuesPerLeaf = leavesOf.every(({ size }) => size <= 1) ? 1 : outputs
  const weigh = ([leaf]: readonly number[]): number[] => {
    const values = new Array<number>(valuesPerLeaf).fill(0)
    values[valuesPerLeaf === 1 ? 0 : columns.targets[leaf]] = columns.weights[leaf]
    return values
  }
  return {
    trees: trees.map((tree) =>
      tree.map((node) => (node && node.feature < 0 ? { ...node, values: weigh(node.values) } : node)),
    ),
    treeOutput: Uint16Array.from(leavesOf, (found) => [...found][0] ?? 0),
    valuesPerLeaf,
    lastFeature: columns.features.reduce((last, feature) => Math.max(last, feature), 0),
  }
}
