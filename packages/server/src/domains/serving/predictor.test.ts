import { Registry } from 'prom-client'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FeatureLookup } from './feature-lookup.ts'
import type { LoadedVariant } from './loaded-variant.ts'
import type { PredictionRow } from './log/prediction-line.ts'
import { createServingMetrics } from './metrics.ts'
import { answerBatch, type PredictorDeps, type Routing } from './predictor.ts'

const registry = new Registry()
const metrics = createServingMetrics(registry)
let logged: PredictionRow[] = []
let logFails = false
beforeEach(() => {
  logged = []
  logFails = false
})

const deps: PredictorDeps = {
  endpoint: 'e',
  metrics,
  now: () => 5,
  log: {
    append(rows) {
      if (logFails) throw new Error('disk full')
      logged.push(...rows)
      return rows.length
    },
    close: () => undefined,
  },
}

/** Features that are the input, times `factor`; there are none for 13 or `refused`. */
function lookup(factor = 1, refused = 13): FeatureLookup {
  return {
    names: ['x'],
    provides: [{ name: 'x', type: 'float64' }],
    request: { x: 'float64' },
    service: { request: { x: 'float64' }, timestamp: 'at' },
    read: async (rows) =>
      rows.map(({ x }) =>
        x === 13 || x === refused
          ? { ok: false, error: new Error(`no ${x}`) }
          : { ok: true, value: { values: { x: Number(x) * factor }, degraded: [] } },
      ),
  }
}
const shared = lookup()

/** A runtime of one number: the probability is the feature, and `broken` ones throw. */
function variant(revision: number, broken = false, features = shared): LoadedVariant {
  return {
    revision,
    modelVersion: `m/${revision}`,
    features: [{ name: 'x', type: 'float64' }],
    lookup: features,
    hold: () => () => undefined,
    retire: async () => undefined,
    explainer: async () => 'nothing is explained here',
    model: {
      unload: async () => undefined,
      batch(rows) {
        const column = new Float32Array(rows)
        return {
          columns: [column],
          async run() {
            if (broken) throw new Error('out of order')
            if (column.includes(Infinity)) throw new Error('no such number')
            return Array.from(column, (probability) => ({ label: Number(probability > 0.5), probability }))
          },
        }
      },
    },
  }
}

const routing = (more: Partial<Routing> = {}): Routing => ({
  salt: 's',
  stable: variant(1),
  candidate: null,
  percent: 0,
  ...more,
})
const request = (id: string, x: number) => ({ id, inputs: { x }, eventTime: 0, queuedAt: 0 })

describe('answering a batch', () => {
  it('answers in order what it can, and logs just that', async () => {
    const results = await answerBatch(deps, routing(), [
      request('a', 0.25),
      request('b', 13),
      request('c', 0.75),
    ])
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(results[2]).toMatchObject({
      value: { id: 'c', prediction: { label: 1, probability: 0.75 }, revision: 1 },
    })
    expect(logged.map(({ id, variant }) => [id, variant])).toEqual([
      ['a', 'stable'],
      ['c', 'stable'],
    ])
  })

  it('lets a row that the model refuses fail alone, of the candidate, too', async () => {
    const rows = [request('a', 0.25), request('b', 1e39), request('c', 0.75)]
    const results = await answerBatch(deps, routing(), rows)
    expect(
      results.map((result) => (result.ok ? result.value.prediction : (result.error as Error).message)),
    ).toEqual([
      { label: 0, probability: 0.25 },
      expect.stringContaining('no such number'),
      { label: 1, probability: 0.75 },
    ])
    expect(logged.map(({ id, error }) => [id, error])).toEqual([
      ['a', null],
      ['b', 'no such number'],
      ['c', null],
    ])
    logged = []
    await answerBatch(deps, routing({ candidate: variant(2), percent: 100 }), rows)
    expect(logged.map(({ id, variant, error }) => [id, variant, error])).toEqual([
      ['a', 'candidate', null],
      ['b', 'candidate', 'no such number'],
      ['c', 'candidate', null],
      ['b', 'stable', 'no such number'],
    ])
  })

  it('lets the stable model answer when the candidate fails, and logs the failure as the candidate’s', async () => {
    const failing = routing({ candidate: variant(2, true), percent: 100 })
    const [result] = await answerBatch(deps, failing, [request('a', 0.25)])
    expect(result).toMatchObject({ ok: true, value: { revision: 1, prediction: { probability: 0.25 } } })
    expect(logged).toMatchObject([
      { id: 'a', revision: 2, variant: 'candidate', error: 'out of order', prediction: null },
      { id: 'a', revision: 1, variant: 'stable', error: null, prediction: { label: 0, probability: 0.25 } },
    ])
    expect(await registry.getSingleMetricAsString('millrace_prediction_rows_total')).toContain(
      'endpoint="e",revision="2",outcome="failed"',
    )
  })

  it('gives each variant its own features, in the answer and in the log', async () => {
    const both = routing({ candidate: variant(2, false, lookup(0.5)), percent: 50 })
    const asked = Array.from({ length: 20 }, (_, i) => request(`r${i}`, 0.8))
    const results = await answerBatch(deps, both, asked)
    const answers = results.map((result) => (result.ok ? result.value : undefined))
    expect(new Set(answers.map((answer) => answer?.revision))).toEqual(new Set([1, 2]))
    for (const answer of answers) {
      const expected = answer?.revision === 1 ? Math.fround(0.8) : Math.fround(0.4)
      expect(answer?.prediction).toMatchObject({ probability: expected })
    }
    for (const row of logged) expect(row.features).toEqual({ x: row.revision === 1 ? 0.8 : 0.4 })
    expect(logged).toHaveLength(20)
  })

  it('falls back to the stable features when only the candidate’s fail', async () => {
    const both = routing({ candidate: variant(2, false, lookup(1, 7)), percent: 100 })
    const results = await answerBatch(deps, both, [request('a', 7), request('b', 13), request('c', 0.5)])
    expect(results).toMatchObject([
      { ok: true, value: { revision: 1 } },
      { ok: false, error: { message: 'no 13' } },
      { ok: true, value: { revision: 2 } },
    ])
    expect(logged.map(({ id, revision, error }) => [id, revision, error])).toEqual([
      ['c', 2, null],
      ['a', 2, 'no 7'],
      ['a', 1, null],
    ])
    expect(logged[1].features).toEqual({ x: null })
  })

  it('says so when there is nobody left to answer', async () => {
    const [result] = await answerBatch(deps, routing({ stable: variant(1, true) }), [request('a', 0.25)])
    expect(result).toMatchObject({ ok: false, error: { code: 'endpoint.prediction_failed' } })
    expect(logged).toMatchObject([{ error: 'out of order' }])
  })

  it('answers nothing that could not be logged', async () => {
    logFails = true
    await expect(answerBatch(deps, routing(), [request('a', 0.25)])).rejects.toThrow('disk full')
  })
})
