import { describe, expect, it } from 'vitest'
import { fit, predict } from '../fit.ts'
import { fitWith, predictWith } from '../fit-with.ts'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { exportWith } from '../onnx/export-model.ts'
import { numberTarget } from '../target.ts'
import { relativeError, valuesOf } from '../testing/frames.ts'
import { runOnnx } from '../testing/onnx-runtime.ts'
import { findWithProbe } from '../testing/probe-learner.ts'
import { standardScale } from '../transformers/standard-scale.ts'
import { type PipelineColumns, pipeline } from './spec.ts'

const frame = createFrame({
  id: categoricalColumn(['r1', 'r2', 'r3', 'r4']),
  x: numericColumn([1, 2, 3, 4]),
  y: numericColumn([10, 0, 20, 5]),
})
const target = numberTarget([1, 2, 4, 8])
const spec = pipeline({
  columns: [
    ['id', 'drop'],
    [{ kind: 'numeric' }, [standardScale()]],
  ],
  learner: ridge(),
})

describe('pipeline', () => {
  it('is the learner on transformed columns', async () => {
    const model = fit(spec, { frame, target })
    const scaled = createFrame({
      x: numericColumn([-1.3416407, -0.4472136, 0.4472136, 1.3416407]),
      y: numericColumn([0.16903085, -1.183216, 1.5212777, -0.50709254]),
    })
    const values = valuesOf(predict(fit(ridge(), { frame: scaled, target }), scaled))
    expect(relativeError(valuesOf(predict(model, frame)), values)).toBeLessThan(1e-6)
  })

  it('takes the raw columns in any order, without those that it drops', () => {
    const model = fit(spec, { frame, target })
    const { x, y } = frame.columns
    expect(predict(model, createFrame({ y, x }))).toEqual(predict(model, frame))
  })

  it('is one graph in ONNX', async () => {
    const columns: PipelineColumns[] = [
      ['y', [standardScale()]],
      ['x', [standardScale()]],
    ]
    const nested = pipeline({ rest: 'drop', columns, learner: { kind: 'probe', options: {} } })
    const model = fitWith(findWithProbe, pipeline({ columns: [['id', 'drop']], learner: nested }), {
      frame,
      target,
    })
    const { prediction } = await runOnnx(exportWith(findWithProbe, model), frame)
    expect(Array.from(prediction.data as Float64Array)).toEqual(
      Array.from(valuesOf(predictWith(findWithProbe, model, frame))),
    )
  })
})
