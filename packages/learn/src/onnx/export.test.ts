import fc from 'fast-check'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { fitForestClassifier } from '../forest/fit.ts'
import type { ForestModel } from '../forest/model.ts'
import { predictProbability } from '../forest/predict.ts'
import { categoricalColumn, createFrame, type Frame, numericColumn } from '../frame.ts'
import { exportOnnx } from './export.ts'

const toTensors = (frame: Frame): Record<string, ort.Tensor> =>
  Object.fromEntries(
    Object.entries(frame.columns).map(([name, column]) => [
      name,
      column.kind === 'categorical'
        ? new ort.Tensor(
            'string',
            Array.from(column.codes, (code) => (code === -1 ? '' : column.categories[code])),
            [frame.rows, 1],
          )
        : new ort.Tensor('float32', new Float32Array(column.values), [frame.rows, 1]),
    ]),
  )

const runOnnx = async (model: ForestModel, frame: Frame) => {
  const session = await ort.InferenceSession.create(exportOnnx(model))
  const { label, probabilities } = await session.run(toTensors(frame))
  await session.release()
  return { label, probabilities, session }
}

/** Checks every row of both outputs against our own prediction. */
const expectParity = async (model: ForestModel, frame: Frame): Promise<void> => {
  const ours = predictProbability(model, frame)
  const { label, probabilities } = await runOnnx(model, frame)
  expect(label.type).toBe('int64')
  expect(label.dims).toEqual([frame.rows])
  expect(probabilities.dims).toEqual([frame.rows, 2])
  const shares = probabilities.data as Float32Array
  const labels = label.data as BigInt64Array
  ours.forEach((probability, row) => {
    expect(probability).toBeGreaterThanOrEqual(0)
    expect(probability).toBeLessThanOrEqual(1)
    expect(Math.abs(shares[row * 2 + 1] - probability)).toBeLessThanOrEqual(1e-6)
    expect(Math.abs(shares[row * 2] - (1 - probability))).toBeLessThanOrEqual(1e-6)
    // Exactly at the threshold the two roundings may fall on different sides.
    if (Math.abs(probability - 0.5) > 1e-6) expect(labels[row]).toBe(probability > 0.5 ? 1n : 0n)
  })
}

const number = fc.oneof(
  { weight: 4, arbitrary: fc.float({ noDefaultInfinity: true }) },
  { weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constant(null) },
)
const text = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'Zürich', '', null),
  fc.string({ maxLength: 3, unit: 'grapheme' }),
)
const row = fc.record({ x: number, y: number, city: text, label: fc.constantFrom(0, 1) })
type Row = { x: number | null; y: number | null; city: string | null; label: number }

const toFrame = (rows: readonly Row[]): Frame =>
  createFrame({
    x: numericColumn(rows.map((r) => r.x)),
    city: categoricalColumn(rows.map((r) => r.city)),
    y: numericColumn(rows.map((r) => r.y)),
    'never seen': numericColumn(rows.map(() => null)),
    'no category': categoricalColumn(rows.map(() => null)),
  })

describe('exportOnnx', () => {
  it('predicts in onnxruntime what we predict', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 2, maxLength: 60 }),
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.record({
          nEstimators: fc.integer({ min: 1, max: 60 }),
          maxDepth: fc.constantFrom(1, 3, null),
          minSamplesLeaf: fc.integer({ min: 1, max: 4 }),
          maxBins: fc.constantFrom(2, 8, 255),
          seed: fc.integer({ min: 0, max: 1000 }),
        }),
        async (training, fresh, options) => {
          const target = training.map((r, index) => (index < 2 ? index : r.label))
          const model = fitForestClassifier(toFrame(training), target, options)
          await expectParity(model, toFrame(training))
          await expectParity(model, toFrame(fresh))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('predicts unknown categories and infinite numbers as we do', async () => {
    const frame = createFrame({
      city: categoricalColumn(['a', 'b', 'a', 'b']),
      x: numericColumn([1, 2, 3, 4]),
    })
    const model = fitForestClassifier(frame, [0, 1, 0, 1], { nEstimators: 5, smoothing: 0 })
    const strange = createFrame({
      x: numericColumn([Infinity, -Infinity, 2.5]),
      city: categoricalColumn(['new', 'b', null]),
    })
    await expectParity(model, strange)
  })

  it('names its inputs and outputs', async () => {
    const frame = createFrame({ city: categoricalColumn(['a', 'b']), x: numericColumn([1, 2]) })
    const session = await ort.InferenceSession.create(exportOnnx(fitForestClassifier(frame, [0, 1])))
    expect(session.inputNames).toEqual(['city', 'x'])
    expect(session.outputNames).toEqual(['label', 'probabilities'])
  })

  it.each(['label', 'probabilities', ':joined'])('refuses a column called %s', (name) => {
    const model = fitForestClassifier(createFrame({ [name]: numericColumn([1, 2]) }), [0, 1])
    expect(() => exportOnnx(model)).toThrow(`column '${name}'`)
  })
})
