import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Stage } from './model-version.ts'
import { createTestRegistry } from './testing/test-registry.ts'

let bed: Awaited<ReturnType<typeof createTestRegistry>>
beforeAll(async () => {
  bed = await createTestRegistry()
})
afterAll(() => bed.close())

type Op =
  | { op: 'register'; ready: boolean }
  | { op: 'deleteVersion'; version: number }
  | { op: 'set'; alias: string; version: number; expected?: number | null }
  | { op: 'deleteAlias'; alias: string }
  | { op: 'rollback'; alias: string }
  | { op: 'stage'; version: number; stage: Stage; archive: boolean }
  | { op: 'rename' }

const version = fc.integer({ min: 1, max: 4 })
const alias = fc.constantFrom('champion', 'other')
const anyOp: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('register' as const), ready: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('deleteVersion' as const), version }) },
  {
    weight: 6,
    arbitrary: fc.record(
      { op: fc.constant('set' as const), alias, version, expected: fc.option(version) },
      { requiredKeys: ['op', 'alias', 'version'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('deleteAlias' as const), alias }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('rollback' as const), alias }) },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('stage' as const),
      version,
      stage: fc.constantFrom<Stage>('None', 'Staging', 'Production', 'Archived'),
      archive: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('rename' as const) }) },
)

/** What must be true, written down naively: the whole past of every pointer. */
class Expected {
  versions = new Map<number, { ready: boolean; stage: Stage }>()
  last = 0
  /** One list per alias of where it pointed since the beginning, and what a rollback goes back along. */
  past = new Map<string, { at: number; version: number | null }[]>()
  trail = new Map<string, (number | null)[]>()

  current(name: string): number | null {
    return this.past.get(name)?.at(-1)?.version ?? null
  }
  point(name: string, to: number | null, at: number) {
    this.past.set(name, [...(this.past.get(name) ?? []), { at, version: to }])
  }
  push(name: string, to: number | null, at: number) {
    this.point(name, to, at)
    this.trail.set(name, [...(this.trail.get(name) ?? []), to])
  }
  /** @returns whether it is possible */
  apply(op: Op, at: number): boolean {
    switch (op.op) {
      case 'register':
        this.last++
        this.versions.set(this.last, { ready: op.ready, stage: 'None' })
        return true
      case 'deleteVersion': {
        if (!this.versions.delete(op.version)) return false
        for (const name of this.past.keys()) if (this.current(name) === op.version) this.push(name, null, at)
        return true
      }
      case 'set': {
        if (!this.versions.get(op.version)?.ready) return false
        const now = this.current(op.alias)
        if (now === op.version) return true
        if (op.expected !== undefined && op.expected !== now) return false
        this.push(op.alias, op.version, at)
        return true
      }
      case 'deleteAlias':
        if (this.current(op.alias) !== null) this.push(op.alias, null, at)
        return true
      case 'rollback': {
        const trail = this.trail.get(op.alias) ?? []
        const now = this.current(op.alias)
        for (let i = trail.length - 2; i >= 0; i--) {
          const to = trail[i]
          if (to === null || to === now || !this.versions.has(to)) continue
          this.trail.set(op.alias, trail.slice(0, trail.lastIndexOf(to) + 1))
          // Versions between have the same number only if they are that one.
          this.point(op.alias, to, at)
          return true
        }
        return false
      }
      case 'stage': {
        const live = op.stage === 'Staging' || op.stage === 'Production'
        const found = this.versions.get(op.version)
        if (!found || (live && !found.ready) || (op.archive && !live)) return false
        for (const [other, it] of this.versions) {
          if (op.archive && other !== op.version && it.stage === op.stage) it.stage = 'Archived'
        }
        found.stage = op.stage
        return true
      }
      case 'rename':
        return true
    }
  }
}

let models = 0

async function run(name: { now: string }, op: Op): Promise<unknown> {
  const { registry } = bed
  const by = { by: 'test', reason: 'because' }
  const model = name.now
  switch (op.op) {
    case 'register':
      return registry.registerVersion({
        model,
        manifest: 'a'.repeat(64),
        gate: { passed: op.ready, reason: 'gate', evaluation: null, metrics: {} },
        lineage: { run: null, trainingSet: null, datasets: [], definitions: {}, bundles: [] },
      })
    case 'deleteVersion':
      return registry.deleteVersion({ model, version: op.version }, 'test')
    case 'set':
      return registry.setAlias({ ...op, model, ...by })
    case 'deleteAlias':
      return registry.deleteAlias({ model, alias: op.alias }, by)
    case 'rollback':
      return registry.rollbackAlias({ model, alias: op.alias }, by)
    case 'stage':
      return registry.transitionStage({ ...op, model, archiveExisting: op.archive, ...by })
    case 'rename': {
      name.now = `model-${++models}`
      return registry.renameModel(model, name.now)
    }
  }
}

describe('versions, aliases and stages', () => {
  it('are what a naive record of all that happened says, now and at every time before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyOp, { maxLength: 25 }), async (ops) => {
        const name = { now: `model-${++models}` }
        await bed.registry.createModel({ name: name.now })
        const expected = new Expected()
        for (const op of ops) {
          bed.clock.advance(10)
          const possible = expected.apply(op, bed.clock.now())
          const done = await run(name, op).then(
            () => true,
            (error: { code?: string }) => {
              // Refused for a reason of the registry, not by accident.
              expect(error.code).toMatch(/^model\./)
              return false
            },
          )
          expect({ op, done }).toEqual({ op, done: possible })
        }
        await compare(name.now, expected)
      }),
      { numRuns: 60 },
    )
  })
})

async function compare(model: string, expected: Expected): Promise<void> {
  const { registry } = bed
  const { items } = await registry.listVersions(model, { limit: 100 })
  expect(items.map((one) => [one.version, one.stage, one.status]).reverse()).toEqual(
    [...expected.versions].map(([number, { stage, ready }]) => [number, stage, ready ? 'READY' : 'REJECTED']),
  )
  expect(new Set(items.map(({ label }) => label)).size).toBe(items.length)
  const aliases = [...expected.past.keys()].flatMap((name) => {
    const to = expected.current(name)
    return to === null ? [] : [[name, to] as const]
  })
  expect((await registry.getModel(model)).aliases).toEqual(Object.fromEntries(aliases))
  for (const one of items) {
    const pointing = aliases.filter(([, to]) => to === one.version).map(([name]) => name)
    expect(one.aliases).toEqual(pointing.sort())
  }
  for (const [name, moves] of expected.past) {
    for (const { at, version: to } of moves) {
      const found = await registry.findAliasAt({ model, alias: name, at: at + 5 })
      expect(found?.version ?? null).toBe(to)
    }
    const history = await registry.listAliasHistory({ model, alias: name }, { limit: 1000 })
    expect(history.items.map((move) => move.version).reverse()).toEqual(moves.map((move) => move.version))
  }
  for (const stage of ['Staging', 'Production', 'Archived'] as const) {
    const inStage = [...expected.versions].filter(([, it]) => it.stage === stage).map(([number]) => number)
    const at = bed.clock.now()
    expect(await registry.listStageAt({ model, stage, at })).toEqual(inStage)
    const [latest] = await registry.listLatestVersions(model, [stage])
    expect(latest?.version).toBe(inStage.at(-1))
  }
}
