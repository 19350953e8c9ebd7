import type { Model, ModelInput } from '../../model.ts'
import { usedInputs } from '../../model.ts'
import { classOutputs } from '../../onnx/class-outputs.ts'
import type { OnnxGraph, OnnxTensor } from '../../onnx/graph.ts'
import { cast } from '../../onnx/steps.ts'
import type { Label } from '../../target.ts'
import { encodeText } from '../../text.ts'
import type { TreeEnsemble } from '../ensemble.ts'
import { listOnnxNodes, type OnnxNodes, type OnnxSlot } from './list-nodes.ts'

const modeBytes = {
  LEAF: encodeText('LEAF'),
  BRANCH_LEQ: encodeText('BRANCH_LEQ'),
  BRANCH_EQ: encodeText('BRANCH_EQ'),
} as const

/** The codes of categories as float, NaN for those that the model does not know. */
const encodeCategories = (graph: OnnxGraph, tensor: OnnxTensor, categories: readonly string[]): OnnxTensor =>
  graph.one(
    'LabelEncoder',
    {
      domain: 'ai.onnx.ml',
      inputs: [tensor],
      attributes: {
        keys_strings: { texts: ['', ...categories].map(encodeText) },
        values_floats: { floats: [Number.NaN, ...categories.keys()] },
        default_float: { float: Number.NaN },
      },
    },
    { element: 'float', columns: 1 },
  )

const addSlot = (
  graph: OnnxGraph,
  input: ModelInput,
  tensor: OnnxTensor,
  { zeroMissing, category }: OnnxSlot,
): OnnxTensor => {
  const output = { element: 'float', columns: 1 } as const
  let column = input.kind === 'categorical' ? encodeCategories(graph, tensor, input.categories) : tensor
  if (zeroMissing) {
    const isZero = graph.one(
      'Equal',
      { inputs: [column, graph.floats([0], [1])] },
      { element: 'bool', columns: 1 },
    )
    column = graph.one('Where', { inputs: [isZero, graph.floats([Number.NaN], [1]), column] }, output)
  }
  return category && input.kind === 'numeric' ? graph.one('Floor', { inputs: [column] }, output) : column
}

const addNodes = (
  graph: OnnxGraph,
  { outputs, base, aggregate }: TreeEnsemble,
  nodes: OnnxNodes,
  columns: OnnxTensor,
): OnnxTensor =>
  graph.one(
    'TreeEnsembleRegressor',
    {
      domain: 'ai.onnx.ml',
      // In float the leaves would be added up in float.
      inputs: [cast(graph, columns, 'double')],
      attributes: {
        nodes_treeids: { integers: nodes.treeIds },
        nodes_nodeids: { integers: nodes.nodeIds },
        nodes_featureids: { integers: nodes.featureIds },
        nodes_modes: { texts: nodes.modes.map((mode) => modeBytes[mode]) },
        nodes_values_as_tensor: { doubles: nodes.values },
        nodes_truenodeids: { integers: nodes.trueIds },
        nodes_falsenodeids: { integers: nodes.falseIds },
        nodes_missing_value_tracks_true: { integers: nodes.missingIsTrue },
        target_treeids: { integers: nodes.leafTrees },
        target_nodeids: { integers: nodes.leafNodes },
        target_ids: { integers: nodes.leafOutputs },
        target_weights_as_tensor: { doubles: nodes.leafWeights },
        base_values_as_tensor: { doubles: base },
        n_targets: { integer: outputs },
        aggregate_function: { text: aggregate === 'sum' ? 'SUM' : 'AVERAGE' },
        post_transform: { text: 'NONE' },
      },
    },
    { element: 'float', columns: outputs },
  )

const linkOperators = { logistic: 'Sigmoid', softmax: 'Softmax', exp: 'Exp' } as const

const addLink = (graph: OnnxGraph, link: TreeEnsemble['link'], sums: OnnxTensor): OnnxTensor => {
  if (link === 'identity') return sums
  const linked = graph.one(
    linkOperators[link],
    {
      inputs: [cast(graph, sums, 'double')],
      ...(link === 'softmax' && { attributes: { axis: { integer: 1 } } }),
    },
    { element: 'double', columns: sums.columns },
  )
  return cast(graph, linked, 'float')
}

/**
 * What `predictTrees` gives for the model's trees, float [rows, outputs]. Sums are float64 inside and rounded to float32
 * before the link.
 */
const addTrees = (
  graph: OnnxGraph,
  { inputs, trees }: Model & { readonly trees: TreeEnsemble },
  tensors: readonly OnnxTensor[],
): OnnxTensor => {
  const used = usedInputs(inputs)
  const { nodes, slots } = listOnnxNodes(
    trees,
    used.map((input) => (input.kind === 'categorical' ? input.categories.length : 0)),
  )
  const columns = slots.map((slot) => addSlot(graph, used[slot.feature], tensors[slot.feature], slot))
  return addLink(graph, trees.link, addNodes(graph, trees, nodes, graph.join(columns)))
}

/** `toOnnx` of a regressor that is made of trees. */
export const treeRegressorToOnnx = (
  model: Model & { readonly trees: TreeEnsemble },
  graph: OnnxGraph,
  tensors: readonly OnnxTensor[],
): readonly OnnxTensor[] => [addTrees(graph, model, tensors)]

/** `toOnnx` of a classifier that is made of trees, with one output for two classes or one for each. */
export const treeClassifierToOnnx = (
  model: Model & { readonly trees: TreeEnsemble; readonly output: { readonly classes: readonly Label[] } },
  graph: OnnxGraph,
  tensors: readonly OnnxTensor[],
): readonly OnnxTensor[] => {
  const { classes } = model.output
  const predicted = addTrees(graph, model, tensors)
  if (predicted.columns === classes.length) return classOutputs(graph, predicted, classes)
  const first = graph.one(
    'Sub',
    { inputs: [graph.floats([1], [1]), predicted] },
    { element: 'float', columns: 1 },
  )
  return classOutputs(graph, graph.join([first, predicted]), classes)
}
