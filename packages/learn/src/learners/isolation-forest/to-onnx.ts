import type { Model } from '../../model.ts'
import type { OnnxGraph, OnnxTensor } from '../../onnx/graph.ts'
import { apply, cast } from '../../onnx/steps.ts'
import type { TreeEnsemble } from '../../trees/ensemble.ts'
import { averagePathLength } from '../../trees/isolation/path-length.ts'
import { treeRegressorToOnnx } from '../../trees/onnx/to-onnx.ts'
import { findCut } from './score.ts'

/** The part of the model that is needed. */
interface ScoredTrees extends Model {
  readonly trees: TreeEnsemble
  readonly sample: number
  readonly threshold: number
}

/** Returns whether each row is an outlier, int64 [rows], and the scores, float [rows, 1]. */
export const isolationForestToOnnx = (
  model: ScoredTrees,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
): readonly OnnxTensor[] => {
  const { sample, threshold } = model
  const [lengths] = treeRegressorToOnnx(model, graph, inputs)
  const short = apply(
    graph,
    'LessOrEqual',
    [lengths, graph.floats([findCut(sample, threshold)], [1])],
    'bool',
  )
  const outliers = graph.one(
    'Reshape',
    { inputs: [cast(graph, short, 'int64'), graph.integers([-1], [1])] },
    { element: 'int64', columns: 0 },
  )
  const expected = averagePathLength(sample)
  const wide = cast(graph, lengths, 'double')
  // As `makeScore`: 2^-1 where the sample is one row.
  const shares =
    expected > 0
      ? apply(graph, 'Div', [wide, graph.doubles([-expected], [1])])
      : apply(graph, 'Sub', [apply(graph, 'Mul', [wide, graph.doubles([0], [1])]), graph.doubles([1], [1])])
  const scores = graph.one('Pow', { inputs: [graph.doubles([2], [1]), shares] }, shares)
  return [outliers, cast(graph, scores, 'float')]
}
