import {
  classTarget,
  createFrame,
  exportModel,
  fit,
  numericColumn,
  randomForestClassifier,
} from '@millrace/learn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ModelChecks, noChecks } from './checks/check.ts'
import { createTestRegistry, mlmodel } from './testing/test-registry.ts'

let bed: Awaited<ReturnType<typeof createTestRegistry>>
let onnx: Uint8Array
beforeAll(async () => {
  bed = await createTestRegistry()
  const values = Array.from({ length: 100 }, (_, i) => i)
  const frame = createFrame({ x: numericColumn(values) })
  const target = classTarget(values.map((value) => Number(value > 50)))
  onnx = exportModel(fit(randomForestClassifier({ nEstimators: 3, maxDepth: 3, seed: 1 }), { frame, target }))
})
afterAll(() => bed.close())

let names = 0
async function versionOf(files: Record<string, string | Uint8Array>, checks: Partial<ModelChecks>) {
  const { name: model } = await bed.registry.createModel({ name: `checked-${++names}` })
  await bed.registry.setChecks(model, { ...noChecks, pointers: ['champion', 'Production'], ...checks })
  const run = await bed.runWithModel(files)
  await bed.tracking.logBatch({ run: run.id, metrics: [{ key: 'auc', value: 0.7, at: 1, step: 0 }] })
  const { version } = await bed.registry.createVersion({ model, source: run.source, runId: run.id })
  return { model, version }
}
const promote = (of: { model: string; version: number }, alias = 'champion') =>
  bed.registry.setAlias({ ...of, alias, by: 'test', reason: 'because' })
const outcomes = async (of: { model: string; version: number }) => {
  const { results, passed } = await bed.registry.checkVersion(of)
  return { passed, ...Object.fromEntries(results.map(({ check, outcome }) => [check, outcome])) }
}

describe('promotion checks', () => {
  const example = { MLmodel: mlmodel({ example: 'input_example.json' }) }
  const all = { loads: true, signature: true, predicts: true }

  it.each([
    ['columns', { x: [[1], [2]] }],
    ['a table', { columns: ['x'], data: [[1], [2]] }],
    ['a list', [[1], [2]]],
    ['inputs', { inputs: { x: [1, null] } }],
  ])('let an ONNX model pass that predicts on %s', async (_, input) => {
    const files = { ...example, 'model.onnx': onnx, 'input_example.json': JSON.stringify(input) }
    const of = await versionOf(files, { ...all, metrics: [{ key: 'auc', min: 0.6 }] })
    expect(await outcomes(of)).toEqual({
      passed: true,
      unchanged: 'passed',
      loads: 'passed',
      signature: 'passed',
      predicts: 'passed',
      metric: 'passed',
    })
    expect(await promote(of)).toMatchObject({ version: 1 })
  })

  it('refuse what does not load or predict, keep the report, and leave the pointer where it was', async () => {
    const broken = await versionOf({ ...example, 'model.onnx': 'no model' }, { loads: true })
    await expect(promote(broken)).rejects.toThrow(/loads: .*[Ff]ailed|loads: /)
    await expect(
      bed.registry.transitionStage({ ...broken, stage: 'Production', by: 'test', reason: 'x' }),
    ).rejects.toMatchObject({ code: 'model.checks_failed' })
    expect((await bed.registry.getModel(broken.model)).aliases).toEqual({})
    const { items } = await bed.registry.listCheckReports(broken)
    expect(items.map(({ passed }) => passed)).toEqual([false, false])
    await promote(broken, 'unguarded')

    const wrong = { ...example, 'model.onnx': onnx, 'input_example.json': '{"y":[[1]]}' }
    await expect(promote(await versionOf(wrong, { predicts: true }))).rejects.toThrow(/predicts: .*inputs x/)
  })

  it('say what cannot be checked, and refuse it only if it is demanded', async () => {
    const files = { MLmodel: mlmodel({ flavor: 'lightgbm', data: 'model.lgb' }), 'model.lgb': 'x' }
    const of = await versionOf(files, { signature: true })
    expect(await outcomes(of)).toMatchObject({
      passed: true,
      loads: 'not-checkable',
      predicts: 'not-checkable',
    })
    await promote(of)
    await bed.registry.setChecks(of.model, { ...noChecks, pointers: ['other'], predicts: true })
    await expect(promote(of, 'other')).rejects.toThrow(/lightgbm are not loaded by this server/)
    const missing = await versionOf({ MLmodel: mlmodel({ data: 'gone.onnx' }) }, { loads: true })
    await expect(promote(missing)).rejects.toThrow(/names "gone.onnx", which does not exist/)
  })

  it('hold metrics and tags against what is demanded', async () => {
    const files = { MLmodel: mlmodel(), 'model.onnx': onnx }
    const demanded = {
      metrics: [
        { key: 'auc', min: 0.8 },
        { key: 'loss', max: 1 },
      ],
      tags: [{ key: 'reviewed', value: 'yes' }],
    }
    const of = await versionOf(files, demanded)
    await bed.registry.setVersionTag(of, { key: 'reviewed', value: 'no' })
    await expect(promote(of)).rejects.toThrow(
      /auc is 0.7, demanded at least 0.8; metric: there is no metric "loss"; tag: reviewed is "no", demanded "yes"/,
    )
  })

  it('are refused if nothing can fulfil them', async () => {
    const { name } = await bed.registry.createModel({ name: `checked-${++names}` })
    for (const metrics of [
      [{ key: 'a' }],
      [{ key: 'a', min: 2, max: 1 }],
      [
        { key: 'a', min: 1 },
        { key: 'a', max: 1 },
      ],
    ]) {
      await expect(bed.registry.setChecks(name, { ...noChecks, metrics })).rejects.toMatchObject({
        code: 'model.entry_invalid',
      })
    }
    expect(await bed.registry.getChecks(name)).toBeNull()
  })
})

describe('compareVersions', () => {
  it('shows both sides of everything', async () => {
    const { name: model } = await bed.registry.createModel({ name: `checked-${++names}` })
    for (const [auc, flavor] of [
      [0.7, 'onnx'],
      [0.8, 'lightgbm'],
    ] as const) {
      const run = await bed.runWithModel({ MLmodel: mlmodel({ flavor }), 'requirements.txt': '# x\nonnx\n' })
      await bed.tracking.logBatch({
        run: run.id,
        params: { depth: flavor === 'onnx' ? '3' : '5', same: '1' },
        metrics: [{ key: 'auc', value: auc, at: 1, step: 0 }],
      })
      await bed.registry.createVersion({ model, source: run.source, runId: run.id, tags: { f: flavor } })
    }
    const compared = await bed.registry.compareVersions({ model, version: 1 }, { model, version: 2 })
    expect(compared).toMatchObject({
      left: { version: 1, label: '1.0.0' },
      right: { version: 2, label: '2.0.0' },
      sameFiles: false,
      change: { kind: 'architecture' },
      metrics: [{ key: 'auc', left: 0.7, right: 0.8, same: false }],
      params: [
        { key: 'depth', left: '3', right: '5', same: false },
        { key: 'same', same: true },
      ],
      tags: [{ key: 'f', left: 'onnx', right: 'lightgbm' }],
      inputs: [{ key: 'x', left: 'double', right: 'double', same: true }],
    })
    expect((await bed.registry.getLineage({ model, version: 1 })).environment).toEqual(['onnx'])
  })
})
