import type { DatasetDefinition } from '@millrace/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDatabaseContentUses } from '../../drivers/content-uses/database.ts'
import { contentPrefix, createContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createContentGarbage } from '../garbage/index.ts'
import {
  createDataContentNames,
  createDataService,
  createDatasetRetention,
  type VersionUse,
} from './index.ts'
import type { DataTables } from './store.ts'

const day = 86_400_000

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
/** Each test has a dataset of its own. */
let name: string
let count = 0
/** Who names a version, by version. */
const uses = new Map<string, VersionUse[]>()
beforeAll(async () => {
  embedded = await createTemporaryData()
  // Objects get the time of the machine.
  embedded.clock.set(Date.now())
})
beforeEach(() => {
  name = `visits${count++}`
  uses.clear()
})
afterAll(() => embedded.close())

const visits = (over: Partial<DatasetDefinition> = {}): DatasetDefinition => ({
  kind: 'dataset',
  name,
  source: { format: 'csv', path: 'nowhere.csv' },
  schema: { at: 'timestamp', n: 'int64' },
  derived: {},
  timestamp: 'at',
  maxRejected: 1,
  expectations: [],
  ...over,
})

function createBed(db: Database = embedded.db) {
  const content = createContentStore(embedded.objects, {
    cacheDir: embedded.dir,
    uses: createDatabaseContentUses(embedded),
  })
  const deps = { ...embedded, db, content }
  const data = createDataService({ ...deps, baseDir: embedded.dir, tempDir: embedded.tempDir })
  const retention = createDatasetRetention({
    ...deps,
    uses: [{ find: async (_trx, { version }) => uses.get(version) ?? [] }],
  })
  const garbage = createContentGarbage({ ...deps, names: [createDataContentNames(deps)] })
  const collect = () => garbage.collect({ dryRun: false, check: () => undefined })
  /** A file with visits of these numbers, of which 13 cannot be read. */
  const push = (numbers: readonly number[], mode: 'replace' | 'append') => {
    const lines = numbers.map((n) => `2001-01-01 00:00:${String(n).padStart(2, '0')},${n === 13 ? 'x' : n}\n`)
    const body = async function* () {
      yield new TextEncoder().encode(`at,n\n${lines.join('')}`)
    }
    return data.ingest({ dataset: name, upload: { body: body(), name: 'a.csv' }, mode })
  }
  const numbers = async (version: string) => {
    const relation = await data.relation({ dataset: name, version })
    const rows = await embedded.lake.rows<{ n: number }>(`SELECT n FROM ${relation}`)
    return rows.map(({ n }) => n)
  }
  return { data, retention, collect, push, numbers }
}

const codeOf = (error: { code?: string; message: string }): string => error.code ?? error.message

async function namedContents(): Promise<Set<string>> {
  const named = new Set<string>()
  for await (const page of createDataContentNames(embedded).leaves?.() ?? []) {
    for (const digest of page) named.add(digest)
  }
  return named
}

describe('versions of datasets', () => {
  it('are found by id, beginning, tag and latest, and stay as long as they are named', async () => {
    const { data, retention, push } = createBed()
    await embedded.apply([visits()])
    const first = await push([1], 'replace')
    embedded.clock.advance(1)
    const second = await push([2], 'append')
    const find = async (version: string) => (await data.resolveVersion({ dataset: name, version })).version
    await retention.tag({ dataset: name, version: first.version.slice(0, 6) }, 'good')
    expect([await find('good'), await find('latest'), await find(second.version)]).toEqual([
      first.version,
      second.version,
      second.version,
    ])
    await expect(find('0000')).rejects.toMatchObject({ code: 'dataset.version_not_found' })
    const remove = (version: string) => retention.remove({ dataset: name, version })
    await expect(remove('latest')).rejects.toThrow('it is the latest one')
    await expect(remove('good')).rejects.toThrow('the tag good')
    await retention.removeTag(name, 'good')
    uses.set(first.version, [{ kind: 'training-set', name: 'set 1' }])
    await expect(remove(first.version)).rejects.toThrow('the training set set 1')
    uses.clear()
    await data.hold([first], 'a build', () =>
      expect(remove(first.version)).rejects.toMatchObject({ code: 'dataset.version_named' }),
    )
    expect(await remove(first.version)).toEqual(first)
    await expect(data.hold([first], 'a build', () => Promise.resolve())).rejects.toMatchObject({
      code: 'dataset.version_not_found',
    })
    const { items } = await retention.listMoves(name, 'good')
    expect(items.map(({ version }) => version)).toEqual([undefined, first.version])
    await expect(retention.tag(second, 'beef')).rejects.toMatchObject({ code: 'dataset.tag_invalid' })
  })

  it('are let go ten minutes after work on them was killed', async () => {
    const { data, retention, push } = createBed()
    await embedded.apply([visits()])
    const first = await push([1], 'replace')
    await push([2], 'replace')
    await data.hold([first], 'a build', async () => {
      embedded.clock.advance(600_000)
      expect((await retention.prune({ dataset: name, last: 1, days: 0 })).kept).toMatchObject([
        { version: { version: first.version }, uses: [{ kind: 'work', name: 'a build' }] },
      ])
      embedded.clock.advance(1)
      expect((await retention.prune({ dataset: name, last: 1, days: 0 })).items).toEqual([first])
    })
  })

  it('are held anew where a hold was lost while its process stood still', async () => {
    const { data, push } = createBed()
    await embedded.apply([visits()])
    const first = await push([1], 'replace')
    const holders = async () => {
      const holds = embedded.db.tables<DataTables>().selectFrom('dataset_version_holds').select('holder')
      return (await holds.where('dataset', '=', name).execute()).map(({ holder }) => holder)
    }
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      await data.hold([first], 'a build', async () => {
        embedded.clock.advance(600_001)
        await data.hold([first], 'another', async () => expect(await holders()).toEqual(['another']))
        vi.advanceTimersByTime(60_000)
        await vi.waitUntil(async () => (await holders()).includes('a build'))
        vi.advanceTimersByTime(60_000)
      })
      expect(await holders()).toEqual([])
    } finally {
      vi.useRealTimers()
    }
  })

  it('are let go later where that fails, with the result of the work kept', async () => {
    const { push } = createBed()
    await embedded.apply([visits()])
    const first = await push([1], 'replace')
    const gone: Database['tables'] = () => {
      throw new Error('the database is gone')
    }
    const { data } = createBed({ ...embedded.db, tables: gone })
    expect(await data.hold([first], 'a build', async () => 'built')).toBe('built')
    const failing = data.hold([first], 'a build', () => Promise.reject(new Error('out of rows')))
    await expect(failing).rejects.toThrow('out of rows')
  })

  it('are listed with what each has anew', async () => {
    const { data, retention, push } = createBed()
    await embedded.apply([visits()])
    const first = await push([1], 'replace')
    embedded.clock.advance(1)
    const second = await push([2, 3], 'append')
    await retention.tag(first, 'good')
    const { items } = await data.listLog(name)
    expect(items).toMatchObject([
      {
        version: second.version,
        mode: 'append',
        cause: 'upload',
        rows: 3,
        newBytes: second.bytes - first.bytes,
        tags: [],
      },
      { version: first.version, mode: 'replace', rows: 1, newBytes: first.bytes, tags: ['good'] },
    ])
    const listed = (await data.listDatasets({ limit: 100 })).items.find((one) => one.name === name)
    expect(listed).toMatchObject({ versions: 2, latest: { version: second.version } })
  })

  it('are made again by the same rows after they were removed', async () => {
    const { data, retention, push, numbers } = createBed()
    await embedded.apply([visits()])
    const first = await push([1], 'replace')
    await push([2], 'replace')
    await retention.remove(first)
    embedded.clock.advance(1)
    const again = await push([1], 'replace')
    expect(again.version).toBe(first.version)
    expect(await numbers(again.version)).toEqual([1])
    expect((await data.latestVersion(name)).version).toBe(again.version)
  })

  it('go where the definition does not keep them, and what is named stays', async () => {
    const { data, retention, push } = createBed()
    await embedded.apply([visits({ keep: { last: 2, days: 1 } })])
    const made: string[] = []
    for (const n of [1, 2, 3, 4]) {
      made.push((await push([n], 'replace')).version)
      embedded.clock.advance(1)
    }
    expect(await retention.applyKeep({ dryRun: false })).toBe(0)
    embedded.clock.advance(day)
    uses.set(made[0], [{ kind: 'run', name: 'r1' }])
    expect(await retention.applyKeep({ dryRun: true })).toBe(1)
    expect(await retention.applyKeep({ dryRun: false })).toBe(1)
    const { items } = await data.listVersions(name)
    expect(items.map(({ version }) => version)).toEqual([made[3], made[2], made[0]])
  })

  it('that are named hold up no writer, and pruning ends with what ends the collection', async () => {
    let transactions = 0
    const counting: Database = {
      ...embedded.db,
      transaction(work) {
        transactions++
        return embedded.db.transaction(work)
      },
    }
    const { data, push } = createBed()
    const { retention } = createBed(counting)
    await embedded.apply([visits({ keep: { last: 1 } })])
    const made: string[] = []
    for (const n of [1, 2, 3, 4]) {
      made.push((await push([n], 'replace')).version)
      embedded.clock.advance(1)
    }
    for (const version of made.slice(0, 2)) uses.set(version, [{ kind: 'run', name: 'r1' }])
    const lost = new Error('lost')
    let checks = 0
    const check = () => {
      if (++checks > 1) throw lost
    }
    await expect(retention.applyKeep({ dryRun: false, check })).rejects.toBe(lost)
    expect(transactions).toBe(1)
    expect(await retention.applyKeep({ dryRun: false })).toBe(0)
    expect(transactions).toBe(1)
    expect((await data.listVersions(name)).items).toHaveLength(3)
  })

  it('never lose a byte, and leave none behind, whatever happens in between', async () => {
    const numbersOf = fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 13), { minLength: 1, maxLength: 3 })
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('push' as const),
        numbers: numbersOf,
        mode: fc.constantFrom('append' as const, 'replace' as const),
        meanwhile: fc.constantFrom('nothing' as const, 'crash' as const, 'collection' as const),
      }),
      fc.record({ kind: fc.constant('tag' as const), at: fc.nat(5) }),
      fc.record({ kind: fc.constant('remove' as const), at: fc.nat(5) }),
      fc.record({ kind: fc.constant('prune' as const) }),
      fc.record({ kind: fc.constant('collect' as const), waitMs: fc.constantFrom(0, day / 3, 2 * day) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 9 }), async (steps) => {
        name = `visits${count++}`
        const { data, retention, collect, push, numbers } = createBed()
        await embedded.apply([visits()])
        const find = (version: string) =>
          data.resolveVersion({ dataset: name, version }).then((one) => one.version, codeOf)
        const kept = new Map<string, number[]>()
        for (const next of steps) {
          embedded.clock.advance(1)
          const version = 'at' in next ? [...kept.keys()][next.at % Math.max(1, kept.size)] : undefined
          if (next.kind === 'push' && next.meanwhile === 'crash') {
            // Killed before anything is registered: the parts are there, their names are not.
            const dying: Database = { ...embedded.db, transaction: () => Promise.reject(new Error('killed')) }
            await expect(createBed(dying).push(next.numbers, next.mode)).rejects.toThrow()
          } else if (next.kind === 'push') {
            const busy: Database = {
              ...embedded.db,
              async transaction(work) {
                await collect()
                return embedded.db.transaction(work)
              },
            }
            const bed = next.meanwhile === 'collection' ? createBed(busy) : { push }
            const made = await bed.push(next.numbers, next.mode).catch(codeOf)
            if (made === 'dataset.source_empty') continue
            if (typeof made === 'string') throw new Error(made)
            const rows = await numbers(made.version)
            if (kept.has(made.version)) expect(rows).toEqual(kept.get(made.version))
            kept.set(made.version, rows)
          } else if (next.kind === 'tag' && version) {
            await retention.tag({ dataset: name, version }, 'good')
          } else if (next.kind === 'remove' && version) {
            const removed = await retention.remove({ dataset: name, version }).catch(codeOf)
            const found = await Promise.all(['good', 'latest'].map((one) => find(one)))
            expect(removed === 'dataset.version_named').toBe(found.includes(version))
            if (!found.includes(version)) kept.delete(version)
          } else if (next.kind === 'prune' && kept.size > 0) {
            const { items } = await retention.prune({ dataset: name, last: 1, days: 1 })
            for (const gone of items) kept.delete(gone.version)
          } else if (next.kind === 'collect') {
            embedded.clock.advance(next.waitMs)
            await collect()
          }
          for (const [version, rows] of kept) expect(await numbers(version)).toEqual(rows)
        }
        embedded.clock.advance(2 * day)
        await collect()
        for (const [version, rows] of kept) expect(await numbers(version)).toEqual(rows)
        const listed = (await embedded.objects.list(contentPrefix)).objects
        const found = listed.map(({ key }) => key.slice(contentPrefix.length).replace('/', ''))
        expect(found.sort()).toEqual([...(await namedContents())].sort())
      }),
      { numRuns: 10 },
    )
  })
})
