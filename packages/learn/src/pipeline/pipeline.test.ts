import { describe, expect, it } from 'vitest'
import { fit, predict } from '../fit.ts'
import { type FindLearner, fitWith, predictWith } from '../fit-with.ts'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import type { FitData } from '../learner.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { exportWith } from '../onnx/export-model.ts'
import { modelFromBytes, modelToBytes } from '../saving/model-bytes.ts'
import { numberTarget } from '../target.ts'
import { relativeError, valuesOf } from '../testing/frames.ts'
import { runOnnx } from '../testing/onnx-runtime.ts'
import { findWithProbe } from '../testing/probe-learner.ts'
import { listColumns } from '../testing/transformers.ts'
import { minMaxScale } from '../transformers/min-max-scale.ts'
import { oneHot } from '../transformers/one-hot.ts'
import { standardScale } from '../transformers/standard-scale.ts'
import { targetEncode } from '../transformers/target-encode.ts'
import type { PipelineModel } from './model.ts'
import { makePipelineKind } from './pipeline.ts'
import { type PipelineColumns, pipeline } from './spec.ts'

const frame = createFrame({
  id: categoricalColumn(['r1', 'r2', 'r3', 'r4']),
  x: numericColumn([1, 2, 3, 4]),
  y: numericColumn([10, 0, 20, 5]),
})
const learner = { kind: 'probe', options: {} }
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

  it('takes the columns of a kind that no selector names', () => {
    const named = pipeline({
      columns: [
        ['x', 'drop'],
        [{ kind: 'numeric' }, [minMaxScale()]],
      ],
      rest: 'drop',
      learner,
    })
    const model = fitWith(findWithProbe, named, { frame })
    expect(valuesOf(predictWith(findWithProbe, model, frame))).toEqual(Float64Array.of(0.5, 0, 1, 0.25))
    expect(model.inputs).toEqual([
      { name: 'id', kind: 'categorical', categories: [], open: true, unused: true },
      { name: 'x', kind: 'numeric', unused: true },
      { name: 'y', kind: 'numeric' },
    ])
  })

  it('learns from the rows of the fit alone', () => {
    const scaled = pipeline({ columns: [['x', [standardScale()]]], learner: { kind: 'probe', options: {} } })
    const { x } = frame.columns
    const data = { frame: createFrame({ x }), target }
    const validation = { frame: createFrame({ x: numericColumn([1000]) }), target: numberTarget([1]) }
    expect(fitWith(findWithProbe, scaled, { ...data, validation })).toEqual(
      fitWith(findWithProbe, scaled, data),
    )
  })

  it('gives the learner transformed rows to watch, and what is out of fold to learn from', () => {
    const seen: FitData[] = []
    const find: FindLearner = (kind) =>
      kind === 'pipeline'
        ? makePipelineKind(find)
        : {
            ...findWithProbe(kind),
            fit: (given, data, options) => {
              seen.push(data)
              return findWithProbe(kind).fit(given, data, options)
            },
          }
    const encoded = pipeline({
      columns: [['id', [targetEncode({ cv: 2, smooth: 0 })]]],
      rest: 'drop',
      learner,
    })
    fitWith(find, encoded, { frame, target, validation: { frame, target } })
    const [{ frame: own, validation }] = seen
    const { id } = listColumns(own)
    // A category that only its own row has tells that row nothing but the mean of the other fold.
    expect(new Set(id).size).toBe(2)
    expect(listColumns(validation?.frame ?? own).id).toEqual([1, 2, 4, 8])
  })

  it('tells unknown categories from missing ones', () => {
    const strict = pipeline({ columns: [['id', [oneHot()]]], rest: 'drop', learner })
    const model = fitWith(findWithProbe, strict, { frame })
    expect(() => predictWith(findWithProbe, model, createFrame({ id: categoricalColumn(['r9']) }))).toThrow(
      "oneHot: column 'id' is 'r9' in row 0",
    )
  })

  it('fits what its specification says after a round trip through JSON', () => {
    expect(fit(JSON.parse(JSON.stringify(spec)), { frame, target })).toEqual(fit(spec, { frame, target }))
  })

  it.each<[string, () => unknown]>([
    ["pipeline has no option 'steps'", () => pipeline({ steps: [], learner } as never)],
    ["pipeline's learner must be", () => pipeline({} as never)],
    ["pipeline's columns: expected [selector, steps]", () => pipeline({ columns: ['x'] as never, learner })],
    [
      "there is no transformer 'scale'",
      () => pipeline({ columns: [['x', [{ kind: 'scale', options: {} }]]], learner }),
    ],
    [
      'expected a name, a list of names or { kind, except }',
      () => pipeline({ columns: [[{ kind: 'text' as never }, []]], learner }),
    ],
    ["the frame has no column 'z'", () => fit(pipeline({ columns: [['z', []]], learner }), { frame })],
    ["'x' is selected twice", () => fit(pipeline({ columns: [[['x', 'x'], []]], learner }), { frame })],
    [
      "no selector takes column 'id'",
      () => fit(pipeline({ columns: [[{ kind: 'numeric' }, []]], rest: 'error', learner }), { frame }),
    ],
    ['no column is left', () => fit(pipeline({ rest: 'drop', learner }), { frame })],
    [
      "two columns would be called 'x'",
      () =>
        fit(
          pipeline({
            columns: [
              ['x', []],
              ['x', []],
            ],
            learner,
          }),
          { frame },
        ),
    ],
  ])('refuses with: %s', (message, act) => {
    expect(act).toThrow(message)
  })

  it('refuses stored pipelines whose parts do not fit', () => {
    const model = fit(spec, { frame, target }) as PipelineModel
    const [group] = model.groups
    const broken: [object, string][] = [
      [{ groups: 'none' }, 'it has no groups'],
      [{ groups: [{ ...group, columns: ['z'] }] }, "column 'z', which is none of its inputs"],
      [{ groups: [{ ...group, columns: ['x'] }] }, "lacks column 'y'"],
      [{ groups: [{ ...group, steps: [{ kind: 'scale' }] }] }, "there is no transformer 'scale'"],
      [{ learner: { kind: 'ridge' } }, 'it has no learner'],
      [{ output: { task: 'anomaly' } }, "its output is not its learner's"],
    ]
    for (const [change, message] of broken)
      expect(() => modelFromBytes(modelToBytes({ ...model, ...change }))).toThrow(message)
    expect(modelFromBytes(modelToBytes(model))).toEqual(model)
  })
})
