import { describe, expect, it } from 'vitest'
import { fit } from '../fit.ts'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import {
  calibrated,
  clip,
  extraTreesRegressor,
  gradientBoostingClassifier,
  gradientBoostingRegressor,
  isolationForest,
  pipeline,
  randomForestClassifier,
  ridge,
} from '../index.ts'
import { createRandom } from '../random.ts'
import { takeRows } from '../take-rows.ts'
import { classTarget, numberTarget } from '../target.ts'
import { fitInThreads } from './index.ts'

const random = createRandom(7)
const rows = 40_000
const x = Array.from({ length: rows }, () => random.below(1000))
const y = Array.from({ length: rows }, () => (random.below(9) === 0 ? null : random.below(1000)))
const city = Array.from({ length: rows }, () => `city ${random.below(300)}`)
const frame = createFrame({ x: numericColumn(x), y: numericColumn(y), city: categoricalColumn(city) })
const numbers = numberTarget(x.map((value, row) => value / 100 + city[row].length + random.below(100) / 30))
const classes = classTarget(x.map((value) => (random.below(1000) < value ? 'b' : 'a')))
const three = classTarget(x.map((value) => Math.floor((value + random.below(500)) / 501)))

describe('fitInThreads', () => {
  const few = { nEstimators: 4, minSamplesLeaf: 3 }
  it.each([
    {
      spec: gradientBoostingClassifier({ ...few, subsample: 0.7 }),
      data: { frame, target: classes },
      counts: [1, 2],
    },
    { spec: gradientBoostingClassifier(few), data: { frame, target: three } },
    {
      spec: gradientBoostingRegressor({ ...few, loss: 'absolute_error' }),
      data: { frame, target: numbers, validation: { frame, target: numbers } },
    },
    { spec: randomForestClassifier({ nEstimators: 5, maxDepth: 8 }), data: { frame, target: three } },
    { spec: extraTreesRegressor({ nEstimators: 3, maxDepth: 8 }), data: { frame, target: numbers } },
  ])('fits the same $spec.kind with any number of threads', async ({ spec, data, counts = [3] }) => {
    const model = fit(spec, data)
    for (const threads of counts) expect(await fitInThreads(spec, data, { threads })).toEqual(model)
  })

  it('fits learners that do not share their work, too', async () => {
    const numeric = createFrame({ x: frame.columns.x })
    const data = { frame: numeric, target: numbers }
    expect(await fitInThreads(ridge(), data, { threads: 2 })).toEqual(fit(ridge(), data))
    const strange = await fitInThreads(isolationForest(), { frame: numeric }, { threads: 2 })
    expect(strange).toEqual(fit(isolationForest(), { frame: numeric }))
  })

  it('shares the work of learners within others, one after the other', async () => {
    const forest = randomForestClassifier({ nEstimators: 4, maxDepth: 5 })
    const numeric = createFrame({ x: frame.columns.x, y: frame.columns.y })
    const spec = pipeline({
      columns: [['x', [clip({ max: 900 })]]],
      rest: 'passthrough',
      learner: calibrated({ learner: forest, folds: 2 }),
    })
    const few = takeRows(
      { frame: numeric, target: three },
      Array.from({ length: 5000 }, (_, row) => row),
    )
    expect(await fitInThreads(spec, few, { threads: 2 })).toEqual(fit(spec, few))
  })

  it('reports progress and losses', async () => {
    const seen: string[] = []
    const losses: number[] = []
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`)
    await fitInThreads(
      gradientBoostingRegressor({ nEstimators: 2 }),
      { frame, target: numbers },
      { threads: 2, onProgress, onLoss: ({ training }) => losses.push(training) },
    )
    expect(seen).toEqual(['1/2', '2/2'])
    expect(losses).toEqual([expect.any(Number), expect.any(Number)])
    expect(losses[1]).toBeLessThan(losses[0])
  })

  it('stops when aborted', async () => {
    const during = new AbortController()
    const onProgress = () => during.abort(new Error('enough'))
    const options = { threads: 2, signal: during.signal, onProgress }
    const spec = gradientBoostingRegressor({ nEstimators: 100_000 })
    await expect(fitInThreads(spec, { frame, target: numbers }, options)).rejects.toThrow('enough')
    await expect(fitInThreads(spec, { frame, target: numbers }, options)).rejects.toThrow('enough')
  })

  it('rejects with what fit throws', async () => {
    const spec = gradientBoostingRegressor({ monotonicCst: { z: 1 } })
    await expect(fitInThreads(spec, { frame, target: numbers }, { threads: 2 })).rejects.toThrow("names 'z'")
    await expect(fitInThreads({ kind: 'none', options: {} }, { frame })).rejects.toThrow("no learner 'none'")
    await expect(fitInThreads(ridge(), { frame, target: numbers }, { threads: 0 })).rejects.toThrow('threads')
  })
})
