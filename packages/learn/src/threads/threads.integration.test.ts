import { describe, expect, it } from 'vitest'
import { fitForestClassifier } from '../forest/fit.ts'
import { predictProbability } from '../forest/predict.ts'
import { categoricalColumn, createFrame, numericColumn, selectColumns } from '../frame.ts'
import { createRandom } from '../random.ts'
import { fitForestClassifierInThreads, predictProbabilityInThreads } from './index.ts'

const makeData = (rows: number) => {
  const random = createRandom(7)
  const x = Array.from({ length: rows }, () => random.below(1000))
  const city = Array.from({ length: rows }, () => `city ${random.below(20)}`)
  const target = x.map((value) => (random.below(1000) < value ? 1 : 0))
  return { frame: createFrame({ x: numericColumn(x), city: categoricalColumn(city) }), target }
}

describe('fitForestClassifierInThreads', () => {
  const { frame, target } = makeData(3000)
  const options = { nEstimators: 12, maxDepth: 6, seed: 3 }

  it.each([1, 2, 3, 20])('grows the same model with %i threads as without', async (threads) => {
    const model = await fitForestClassifierInThreads(frame, target, { ...options, threads })
    expect(model).toEqual(fitForestClassifier(frame, target, options))
  })

  it('reports each finished tree', async () => {
    const seen: string[] = []
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`)
    await fitForestClassifierInThreads(frame, target, { ...options, nEstimators: 3, threads: 2, onProgress })
    expect(seen).toEqual(['1/3', '2/3', '3/3'])
  })

  it('stops when aborted, before and during the work', async () => {
    const before = AbortSignal.abort(new Error('not needed'))
    await expect(fitForestClassifierInThreads(frame, target, { signal: before })).rejects.toThrow(
      'not needed',
    )
    const during = new AbortController()
    const onProgress = () => during.abort(new Error('enough'))
    const fit = fitForestClassifierInThreads(frame, target, {
      nEstimators: 5000,
      signal: during.signal,
      onProgress,
    })
    await expect(fit).rejects.toThrow('enough')
  })

  it('passes on what the progress callback throws', async () => {
    const onProgress = () => {
      throw new Error('terminal gone')
    }
    await expect(fitForestClassifierInThreads(frame, target, { ...options, onProgress })).rejects.toThrow(
      'terminal gone',
    )
  })

  it('rejects bad input', async () => {
    await expect(fitForestClassifierInThreads(frame, target, { threads: 0 })).rejects.toThrow('threads')
    await expect(fitForestClassifierInThreads(frame, [1])).rejects.toThrow('the target has 1 values')
  })
})

describe('predictProbabilityInThreads', () => {
  const { frame, target } = makeData(70_000)
  const model = fitForestClassifier(frame, target, { nEstimators: 3, maxDepth: 5 })

  it('predicts the same as without threads and reports rows', async () => {
    const seen: number[] = []
    const onProgress = (done: number) => seen.push(done)
    const predicted = await predictProbabilityInThreads(model, frame, { threads: 2, onProgress })
    expect(predicted).toEqual(predictProbability(model, frame))
    expect(seen).toEqual([32_768, 65_536, 70_000])
  })

  it('rejects a frame without a column of the model', async () => {
    await expect(predictProbabilityInThreads(model, selectColumns(frame, ['x']))).rejects.toThrow(
      "column 'city'",
    )
  })

  it('predicts nothing for an empty frame', async () => {
    const empty = createFrame({ x: numericColumn([]), city: categoricalColumn([]) })
    expect(await predictProbabilityInThreads(model, empty)).toEqual(new Float64Array(0))
  })
})
