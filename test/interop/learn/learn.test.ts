import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClassPrediction, FlagPrediction, NumberPrediction } from '@millrace/client'
import { createClient } from '@millrace/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openShop, type Shop } from '../../e2e/support/shop.ts'
import { runPython } from './python.ts'

const token = 'a token of the suite'

/** A model that Python has logged, and what it predicts for some requests. */
interface Logged {
  uri: string
  inputs: Record<string, unknown>[]
  expected: number[] | number[][]
}

let shop: Shop
let logged: Record<'sklearn' | 'mlp' | 'xgboost' | 'lightgbm' | 'pickle', Logged>
beforeAll(async () => {
  shop = await openShop({ MILLRACE_TOKEN: token })
  const config = await readFile(join(import.meta.dirname, 'millrace.config.ts'), 'utf8')
  await shop.edit('millrace.config.ts', () => config)
  for (const command of [['apply'], ['run', 'here']]) {
    const { code, err } = await shop.run(command)
    if (code !== 0) throw new Error(`millrace ${command.join(' ')}: ${err}`)
  }
  logged = JSON.parse(await run('train.py', [shop.server.url, token]))
}, 120_000)
afterAll(() => shop.close())

const run = (script: string, args: readonly string[], input = '') =>
  runPython([join(import.meta.dirname, script), ...args], {
    cwd: shop.dir,
    env: { MLFLOW_TRACKING_TOKEN: token },
    input,
  })

const clientOf = () => createClient({ url: shop.server.url, token })

/** What an endpoint answers: a number for each row, or one for each class. */
async function predict(endpoint: string, inputs: readonly Record<string, unknown>[]) {
  const { items } = await clientOf().predictBatch<
    Record<string, unknown>,
    FlagPrediction | ClassPrediction | NumberPrediction
  >(
    endpoint,
    inputs.map((row) => ({ inputs: row })),
  )
  return items.map((item) => {
    if (!('prediction' in item)) throw new Error(JSON.stringify(item))
    const { prediction } = item
    if ('probabilities' in prediction) {
      // As Python has them, in the order of the names.
      return Object.entries(prediction.probabilities)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, share]) => share)
    }
    return 'probability' in prediction ? prediction.probability : prediction.value
  })
}

function largestDifference(a: readonly (number | number[])[], b: readonly (number | number[])[]): number {
  const [first, second] = [a.flat(), b.flat()]
  expect(first.length).toBe(second.length)
  return first.reduce((most, value, i) => Math.max(most, Math.abs(value - second[i])), 0)
}

it('what Python trains is imported, judged, registered, released, and predicts what it predicts in Python', async () => {
  const { sklearn, mlp, xgboost, lightgbm } = logged
  const models = { sklearn, mlp, xgboost, lightgbm }
  const params = Object.entries(models).flatMap(([name, { uri }]) => ['--param', `${name}=${uri}`])
  const ended = await shop.run(['run', 'imports', ...params])
  expect(ended, ended.err).toMatchObject({ code: 0 })

  for (const [name, { inputs, expected }] of Object.entries(models)) {
    const predicted = await predict(name, inputs)
    const scale = name === 'lightgbm' ? Math.max(...(expected as number[])) : 1
    expect(largestDifference(predicted, expected) / scale, name).toBeLessThan(1e-5)
  }
  const { models: registered, runs } = clientOf()
  const version = await registered.version('sklearn', 1)
  expect(version).toMatchObject({ status: 'READY', reason: expect.stringContaining('champion late/1') })
  const imported = await runs.get(version.lineage.run ?? '')
  expect(imported).toMatchObject({
    params: { library: 'sklearn' },
    tags: { 'millrace.imported_from': sklearn.uri, 'mlflow.parentRunId': sklearn.uri.split('/')[1] },
  })
})

it('what only Python can load is refused, with what to do', async () => {
  const { code, err } = await shop.run(['run', 'import', '--param', `model=${logged.pickle.uri}`])
  expect(code).not.toBe(0)
  expect(err).toContain(
    'it is a Python object (python_function, sklearn), which is never loaded here; convert it',
  )
})

it('what is trained here predicts in Python what the endpoint predicts', async () => {
  const { inputs } = logged.sklearn
  const hour = (row: Record<string, unknown>) => new Date(String(row.ordered_at)).getUTCHours()
  const day = (row: Record<string, unknown>) => new Date(String(row.ordered_at)).getUTCDay()
  const rows = inputs.map((row) => ({ ...row, hour: hour(row), weekend: [0, 6].includes(day(row)) }))
  const found = JSON.parse(await run('predict.py', [shop.server.url, 'models:/late/1'], JSON.stringify(rows)))
  const predicted = (await predict('late', inputs)) as number[]
  expect(largestDifference(found.onnx, predicted)).toBeLessThanOrEqual(1e-6)
  expect(largestDifference(found.pyfunc, predicted)).toBeLessThanOrEqual(1e-6)
  expect(found.labels).toEqual(predicted.map((probability) => Number(probability > 0.5)))
})
