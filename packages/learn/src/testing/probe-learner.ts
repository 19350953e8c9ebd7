import { describeInputs } from '../align-frame.ts'
import type { FindLearner } from '../fit-with.ts'
import type { Column } from '../frame.ts'
import type { LearnerKind } from '../learner.ts'
import { getLearnerKind } from '../learners.ts'
import type { Model } from '../model.ts'
import { cast, where } from '../onnx/steps.ts'
import { makePipelineKind } from '../pipeline/pipeline.ts'

const numberAt = (column: Column, row: number): number => {
  if (column.kind === 'categorical')
    return column.codes[row] === -1 ? 0 : column.categories[column.codes[row]].length
  const value = column.values[row]
  return Number.isNaN(value) || (column.kind === 'boolean' && value === -1) ? 0 : value
}

/**
 * A learner that shows what comes to it: column i counts (i + 1)-fold; missing as 0, a category as its length (the graph takes numbers only). Not a real one, so that
 * tests of pipelines stand on nothing but the pipeline.
 */
const probeKind: LearnerKind = {
  kind: 'probe',
  fit: (_spec, { frame }): Model => ({
    kind: 'probe',
    inputs: describeInputs(frame),
    output: { task: 'regression' },
  }),
  predict: (_model, frame) => {
    const columns = Object.values(frame.columns)
    return {
      task: 'regression',
      values: Float64Array.from({ length: frame.rows }, (_, row) =>
        columns.reduce((sum, column, index) => sum + (index + 1) * numberAt(column, row), 0),
      ),
    }
  },
  check: () => undefined,
  toOnnx(_model, graph, inputs) {
    const wide = cast(graph, graph.join(inputs), 'double')
    const missing = graph.one('IsNaN', { inputs: [wide] }, { element: 'bool', columns: wide.columns })
    const present = where(graph, missing, [graph.doubles([0], [1]), wide], wide)
    const factors = Array.from({ length: wide.columns }, (_, index) => index + 1)
    const product = graph.one(
      'MatMul',
      { inputs: [present, graph.doubles(factors, [factors.length, 1])] },
      { element: 'double', columns: 1 },
    )
    return [product]
  },
}

const pipelineKind = makePipelineKind((kind) => findWithProbe(kind))

/** Every learner, and the probe, which pipelines may end with, too. */
export const findWithProbe: FindLearner = (kind) => {
  if (kind === 'probe') return probeKind
  return kind === 'pipeline' ? pipelineKind : getLearnerKind(kind)
}
