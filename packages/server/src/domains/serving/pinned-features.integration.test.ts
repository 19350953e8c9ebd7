import type { Definition } from '@millrace/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256 } from '../../kernel/hash.ts'
import { createFeatureService } from '../features/index.ts'
import { storeForestModel } from './testing/forest-model.ts'
import { bundle, projectOf, versionsOf } from './testing/project.ts'
import { createServingTestBed, noon, requestOf, type ServingTestBed } from './testing/test-bed.ts'

const hour = 3_600_000

let bed: ServingTestBed
beforeEach(async () => {
  bed = await createServingTestBed({ steps: [50, 100] })
  await bed.deploy()
  await bed.serving.start({ refreshMs: 1_000_000 })
})
afterEach(() => bed.close())

type Change = Partial<{ [K in Definition['kind']]: (given: Extract<Definition, { kind: K }>) => object }>

/** The project with some of its definitions changed. */
function changed(change: Change): Definition[] {
  return projectOf({ steps: [50, 100] }).map((given) => ({
    ...given,
    ...(change[given.kind] as ((one: Definition) => object) | undefined)?.(given),
  })) as Definition[]
}

/** The function counts hours from 100. */
const newCode = bundle.replace('hour: at', 'hour: 100 + at')
const withNewCode = () => changed({ 'on-demand-view': () => ({ code: { bundle: sha256(newCode) } }) })
const extra: Change['feature-view'] = ({ features }) => ({
  features: { ...features, sales_1h: { type: 'int64', aggregate: 'count', windowMs: hour } },
})
const withNewFeature = () => changed({ 'feature-view': extra })

async function deploy(definitions: Definition[], strategy: 'all-at-once' | 'canary' = 'all-at-once') {
  const manifest = await storeForestModel(bed.content, { seed: 2, definitions: versionsOf(definitions) })
  const modelVersion = await bed.register(manifest)
  return bed.serving.deploy({ endpoint: 'lateness', modelVersion, strategy, reason: 'test' })
}

/** What the log says each prediction was made of. */
async function loggedRows() {
  return bed.lake.rows<{ id: string; revision: number; hour: number; amount_2h: number }>(
    `SELECT id, revision, features.hour AS hour, features.amount_2h AS amount_2h
     FROM (${await bed.serving.predictionRelation('lateness')}) ORDER BY "at", id`,
  )
}

describe('after the code of a feature has changed', () => {
  test('a live revision computes what it was trained with, the next one what is new', async () => {
    const before = await bed.serving.predict('lateness', requestOf('before'))
    await bed.apply(withNewCode(), newCode)
    expect(await bed.serving.predict('lateness', requestOf('after'))).toEqual({ ...before, id: 'after' })
    await deploy(withNewCode())
    expect(await bed.serving.predict('lateness', requestOf('next'))).toMatchObject({ revision: 2 })
    expect((await loggedRows()).map(({ id, revision, hour }) => [id, revision, hour])).toEqual([
      ['after', 1, 2],
      ['before', 1, 2],
      ['next', 2, 102],
    ])
  })

  test('each variant of a canary gets its own features', async () => {
    await bed.apply(withNewCode(), newCode)
    await deploy(withNewCode(), 'canary')
    const ids = Array.from({ length: 40 }, (_, i) => `c${i}`)
    await bed.serving.predictMany(
      'lateness',
      ids.map((id) => requestOf(id)),
    )
    const rows = await loggedRows()
    expect(rows).toHaveLength(40)
    expect(new Set(rows.map(({ revision }) => revision))).toEqual(new Set([1, 2]))
    for (const row of rows) expect(row.hour).toBe(row.revision === 1 ? 2 : 102)
  })
})

describe('after a feature view has changed', () => {
  test('a live revision keeps its online values, and gets fresh ones', async () => {
    const before = await bed.serving.predict('lateness', requestOf('before'))
    await bed.apply(withNewFeature(), bundle)
    expect(await bed.serving.predict('lateness', requestOf('after'))).toEqual({ ...before, id: 'after' })
    await bed.features.materialize({ view: 'shop_sales', until: noon + hour })
    const later = await bed.serving.predict('lateness', requestOf('later', { at: noon + hour }))
    expect(later.revision).toBe(1)
    expect(later.degraded).toBeUndefined()
    await deploy(withNewFeature())
    const next = await bed.serving.predict('lateness', requestOf('next', { at: noon + hour }))
    expect(next.revision).toBe(2)
    expect(next.degraded).toBeUndefined()
    expect((await loggedRows()).map(({ id, amount_2h }) => [id, amount_2h])).toEqual([
      ['after', 3.5],
      ['before', 3.5],
      ['later', 2],
      ['next', 2],
    ])
  })

  test('a restart keeps all of it', async () => {
    await bed.apply(
      changed({ 'on-demand-view': () => ({ code: { bundle: sha256(newCode) } }), 'feature-view': extra }),
      newCode,
    )
    const before = await bed.serving.predict('lateness', requestOf('before'))
    await bed.serving.close()
    const features = createFeatureService(bed)
    const restarted = bed.createService({ features })
    await restarted.start({ refreshMs: 1_000_000 })
    expect(await restarted.predict('lateness', requestOf('again'))).toEqual({ ...before, id: 'again' })
    await features.materialize({ view: 'shop_sales', until: noon + hour })
    const later = await restarted.predict('lateness', requestOf('later', { at: noon + hour }))
    expect(later.degraded).toBeUndefined()
    expect((await loggedRows()).map(({ id, hour, amount_2h }) => [id, hour, amount_2h])).toEqual([
      ['again', 2, 3.5],
      ['before', 2, 3.5],
      ['later', 3, 2],
    ])
    await restarted.close()
    // Nobody reads the old version any more: it is left as it is, and says so when it is asked again.
    await features.materialize({ view: 'shop_sales', until: noon + 2 * hour })
    const third = bed.createService({ features })
    await third.start({ refreshMs: 1_000_000 })
    const ask = () => third.predict('lateness', requestOf(undefined, { at: noon + 2 * hour }))
    expect((await ask()).degraded).toEqual(['amount_2h'])
    await features.materialize({ view: 'shop_sales', until: noon + 2 * hour })
    expect((await ask()).degraded).toBeUndefined()
    await third.close()
  })
})

describe('what requests must have', () => {
  test('a live revision still needs what the definitions no longer ask for, and that is said', async () => {
    const { size: _, ...without } = requestOf('x').inputs
    await bed.apply(
      changed({
        'feature-service': () => ({ request: { kind: 'string' }, onDemandViews: [] }),
      }),
      bundle,
    )
    await expect(bed.serving.predict('lateness', { id: 'x', inputs: without })).rejects.toMatchObject({
      code: 'request.invalid',
      details: { field: 'inputs.size' },
    })
    expect(await bed.serving.predict('lateness', requestOf('y'))).toMatchObject({ id: 'y', revision: 1 })
  })

  test('a candidate that takes other types than the stable revision cannot share its requests', async () => {
    const texts = changed({
      'feature-service': ({ request }) => ({ request: { ...request, kind: 'int64' } }),
    })
    await bed.apply(texts, bundle)
    expect(await bed.serving.predict('lateness', requestOf('x'))).toMatchObject({ revision: 1 })
    const manifest = await storeForestModel(bed.content, { omit: ['kind'], definitions: versionsOf(texts) })
    const modelVersion = await bed.register(manifest)
    const input = { endpoint: 'lateness', modelVersion, reason: 'test' }
    await expect(bed.serving.deploy(input)).rejects.toMatchObject({ code: 'model.incompatible' })
    expect(await bed.serving.deploy({ ...input, strategy: 'all-at-once' })).toMatchObject({ revision: 2 })
    expect(await bed.serving.predict('lateness', requestOf('y', { kind: 4 }))).toMatchObject({ revision: 2 })
  })

  test('a model that does not say what it was trained with is refused', async () => {
    const manifest = await storeForestModel(bed.content, { definitions: {} })
    const modelVersion = await bed.register(manifest)
    const deployed = bed.serving.deploy({ endpoint: 'lateness', modelVersion, reason: 'test' })
    await expect(deployed).rejects.toThrow('does not say which feature service')
  })
})
