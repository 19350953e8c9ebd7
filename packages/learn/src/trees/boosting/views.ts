import type { BoostingWork } from './work.ts'

/** Typed arrays over the memory of a fit; each thread makes its own. */
export const viewWork = ({
  memory: { buffer },
  table,
  at,
  outputs,
  trainingRows,
  weighted,
  objective,
}: BoostingWork) => ({
  rows: new Uint32Array(buffer, at.rows, table.rows),
  left: new Uint32Array(buffer, at.left, table.rows),
  right: new Uint32Array(buffer, at.right, table.rows),
  gradients: new Float32Array(buffer, at.gradients, trainingRows * 2),
  quantised: new Int32Array(buffer, at.gradients, trainingRows * 2),
  weights: new Float64Array(buffer, at.weights, weighted ? table.rows : 0),
  objective: {
    scores: new Float64Array(buffer, at.scores, table.rows * outputs),
    stride: table.rows,
    target:
      objective === 'log_loss'
        ? new Uint8Array(buffer, at.target, table.rows)
        : new Float64Array(buffer, at.target, table.rows),
    probabilities: new Float32Array(
      buffer,
      at.probabilities,
      objective === 'softmax' ? table.rows * outputs : 0,
    ),
  },
  /** All memory as int32, for histograms. */
  entries: new Int32Array(buffer),
  places: new Int32Array(buffer, at.places, table.features.length),
  used: new Int32Array(buffer, at.used),
  sides: new Uint8Array(buffer, at.sides, 65_536),
  pieceLefts: new Int32Array(buffer, at.pieceLefts),
  pieceSums: new Float64Array(buffer, at.pieceSums),
  parameters: new Int32Array(buffer, at.parameters, 32),
  figures: new Float64Array(buffer, at.figures, 32),
  splits: new Float64Array(buffer, at.splits),
  leafStarts: new Int32Array(buffer, at.leafStarts),
  leafRestStarts: new Int32Array(buffer, at.leafRestStarts),
  leafValues: new Float64Array(buffer, at.leafValues),
})

export type WorkViews = ReturnType<typeof viewWork>
