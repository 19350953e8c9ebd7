import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestRegistry } from './testing/test-registry.ts'

let bed: Awaited<ReturnType<typeof createTestRegistry>>
beforeAll(async () => {
  bed = await createTestRegistry()
})
afterAll(() => bed.close())

const code = (wanted: string) => expect.objectContaining({ code: wanted })
let names = 0
/** A model with so many versions. */
async function modelWith(count: number): Promise<string> {
  const { name } = await bed.registry.createModel({ name: `pointed-${++names}` })
  for (let i = 0; i < count; i++) await bed.registry.createVersion({ model: name, source: 's3://b/x' })
  return name
}

describe('aliases', () => {
  it('move for one of many who promote at once, and tell the others who won', async () => {
    const model = await modelWith(6)
    const promote = (version: number, expected: number | null) =>
      [bed.registry, bed.another()][version % 2].setAlias({
        model,
        alias: 'champion',
        version,
        expected,
        by: `client ${version}`,
        reason: `it is ${version}`,
      })
    await promote(1, null)
    const outcomes = await Promise.allSettled([2, 3, 4, 5, 6].map((version) => promote(version, 1)))
    const won = outcomes.filter(({ status }) => status === 'fulfilled')
    expect(won).toHaveLength(1)
    const { champion: winner } = (await bed.registry.getModel(model)).aliases
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue
      expect(outcome.reason).toMatchObject({
        code: 'model.pointer_moved',
        message: expect.stringContaining(`client ${winner} moved it (it is ${winner})`),
        details: { version: winner, by: `client ${winner}` },
      })
    }
    const { items } = await bed.registry.listAliasHistory({ model, alias: 'champion' })
    expect(items.map(({ version }) => version)).toEqual([winner, 1])
  })

  it('go back step by step and never forward again', async () => {
    const model = await modelWith(4)
    const of = { model, alias: 'champion' }
    const by = { by: 'test', reason: 'because' }
    for (const version of [1, 2, 3, 4]) await bed.registry.setAlias({ ...of, version, ...by })
    expect(await bed.registry.rollbackAlias(of, by)).toMatchObject({ version: 3, kind: 'rollback' })
    await bed.registry.deleteVersion({ model, version: 2 }, 'test')
    await expect(bed.registry.rollbackAlias(of, { ...by, expected: 4 })).rejects.toEqual(
      code('model.pointer_moved'),
    )
    expect(await bed.registry.rollbackAlias(of, { ...by, expected: 3 })).toMatchObject({ version: 1 })
    await expect(bed.registry.rollbackAlias(of, by)).rejects.toEqual(code('model.no_previous_version'))
    expect(await bed.registry.find(`${model}@champion`)).toMatchObject({ version: 1 })
  })

  it('that are deleted resolve no more, keep their history, and come back by a rollback', async () => {
    const model = await modelWith(1)
    const of = { model, alias: 'champion' }
    const by = { by: 'test', reason: 'because' }
    await bed.registry.deleteAlias(of, by)
    await bed.registry.setAlias({ ...of, version: 1, ...by })
    await bed.registry.deleteAlias(of, by)
    expect(await bed.registry.find(`${model}@champion`)).toBeUndefined()
    await expect(bed.registry.resolve(`${model}@champion`)).rejects.toEqual(code('model.alias_not_found'))
    expect(await bed.registry.findAliasAt({ ...of, at: bed.clock.now() })).toBeUndefined()
    expect(await bed.registry.rollbackAlias(of, by)).toMatchObject({ version: 1 })
    const kinds = (await bed.registry.listAliasHistory(of)).items.map(({ kind }) => kind)
    expect(kinds).toEqual(['rollback', 'delete', 'set'])
  })
})

describe('stages', () => {
  const by = { by: 'test', reason: 'because' }

  it('are one of four in any case; the others make room at once', async () => {
    const model = await modelWith(3)
    const move = (version: number, stage: string, archiveExisting = false) =>
      bed.registry.transitionStage({ model, version, stage, archiveExisting, ...by })
    await move(1, 'PRODUCTION')
    await move(2, 'production')
    expect(await move(3, 'Production', true)).toMatchObject({ stage: 'Production' })
    const { items } = await bed.registry.listVersions(model)
    expect(items.map(({ stage }) => stage)).toEqual(['Production', 'Archived', 'Archived'])
    await expect(move(1, 'Live')).rejects.toThrow(/None, Staging, Production, Archived/)
    await expect(move(1, 'None', true)).rejects.toEqual(code('model.entry_invalid'))
    const history = await bed.registry.listStageHistory(model)
    expect(history.items).toHaveLength(5)
    expect(history.items.at(-1)).toMatchObject({ version: 1, from: 'None', to: 'Production', by: 'test' })
  })

  it('move only from where they are expected to be', async () => {
    const model = await modelWith(1)
    const input = { model, version: 1, stage: 'Staging', ...by }
    await expect(bed.registry.transitionStage({ ...input, expected: 'Production' })).rejects.toEqual(
      code('model.pointer_moved'),
    )
    expect(await bed.registry.transitionStage({ ...input, expected: 'None' })).toMatchObject({
      stage: 'Staging',
    })
  })

  it('tell who was where at a time, also of versions that are gone', async () => {
    const model = await modelWith(1)
    const at = () => bed.registry.listStageAt({ model, stage: 'Production', at: bed.clock.now() })
    bed.clock.advance(10)
    await bed.registry.transitionStage({ model, version: 1, stage: 'Production', ...by })
    const then = bed.clock.now()
    bed.clock.advance(10)
    await bed.registry.deleteVersion({ model, version: 1 }, 'test')
    expect(await at()).toEqual([])
    expect(await bed.registry.listStageAt({ model, stage: 'Production', at: then })).toEqual([1])
  })
})
