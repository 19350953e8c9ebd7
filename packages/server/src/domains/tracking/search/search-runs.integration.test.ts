import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trackingMigration } from '../../../migrations/0004-tracking.ts'
import { trackingLifeCycleMigration } from '../../../migrations/0010-tracking.ts'
import { searchMigration } from '../../../migrations/0013-search.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import type { Field, OrderTerm, SearchInput } from '../../search/index.ts'
import { printFilter, printOrder } from '../../search/print-filter.ts'
import { arbitraryFilter, type FilterShape } from '../../search/testing/arbitrary-filter.ts'
import { toStored } from '../metric.ts'
import type { TrackingTables } from '../tables.ts'
import type { SearchEffort } from './find-runs.ts'
import { type SearchRunsInput, searchRuns } from './search-runs.ts'
import { naiveFits, naiveSort, type Thing } from './testing/naive-search.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
const experiments = ['1', '2']
const texts = ['', 'a', 'A', 'ab', 'aB', 'b%', '_', '*', '[x]', 'ä', '𝄞', 'z\\']
const numbers = [0, 1, -1, 0.5, 1e300, -2.5, 7]
const results = [...numbers, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

interface RunThing extends Thing {
  id: string
  deleted: boolean
  experiment: string
}

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const arbitraryRun = fc.record({
  experiment: fc.constantFrom(...experiments, '1'),
  deleted: fc.nat(4).map((n) => n === 0),
  name: fc.constantFrom(...texts),
  status: fc.constantFrom('RUNNING', 'FINISHED'),
  start: fc.nat(3),
  end: fc.option(fc.nat(3)),
  parameter: fc.record({ p: optional(fc.constantFrom(...texts)) }, { requiredKeys: [] }),
  tag: fc.record({ t: optional(fc.constantFrom(...texts)), 'u v': optional(fc.constantFrom('x', 'y')) }),
  metric: fc.record({ m: optional(fc.constantFrom(...results)), n: optional(fc.constantFrom(...results)) }),
  datasets: fc.uniqueArray(fc.constantFrom('d1', 'd2'), { maxLength: 2 }),
})

function present<T>(record: Record<string, T | undefined>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, T] => entry[1] !== undefined),
  )
}

let things: RunThing[] = []

beforeAll(async () => {
  stores = await createTemporaryStores([trackingMigration, trackingLifeCycleMigration, searchMigration])
  const db = stores.db.tables<TrackingTables>()
  const sample = fc.sample(arbitraryRun, { numRuns: 120, seed: 7 })
  for (const id of experiments) {
    const row = { id: Number(id), name: id, artifact_location: '', created_at: 0, updated_at: 0 }
    await db
      .insertInto('experiments')
      .values({ ...row, lifecycle_stage: 'active', deleted_at: null })
      .execute()
  }
  for (const dataset of ['d1', 'd2']) {
    const row = {
      id: dataset,
      experiment_id: 1,
      name: dataset,
      digest: `x${dataset}`,
      source_type: 's',
      source: '',
    }
    await db
      .insertInto('datasets_logged')
      .values({ ...row, schema: null, profile: null })
      .execute()
  }
  things = []
  for (const [i, run] of sample.entries()) {
    const id = `r${(i * 7919) % 1000}`
    const [parameter, tag, metric] = [present(run.parameter), present(run.tag), present(run.metric)]
    things.push({
      id,
      deleted: run.deleted,
      experiment: run.experiment,
      attributes: {
        run_id: id,
        run_name: run.name,
        status: run.status,
        start_time: run.start,
        end_time: run.end,
      },
      parameter,
      tag,
      metric,
      dataset: { name: run.datasets, context: run.datasets.includes('d1') ? ['training'] : [] },
    })
    await db
      .insertInto('runs')
      .values({
        id,
        experiment_id: Number(run.experiment),
        name: run.name,
        user_id: '',
        status: run.status,
        lifecycle_stage: run.deleted ? 'deleted' : 'active',
        artifact_uri: '',
        idempotency_key: null,
        started_at: run.start,
        ended_at: run.end,
        deleted_at: null,
      })
      .execute()
    for (const [key, value] of Object.entries(parameter)) {
      await db.insertInto('run_params').values({ run_id: id, key, value }).execute()
    }
    for (const [key, value] of Object.entries(tag)) {
      await db.insertInto('run_tags').values({ run_id: id, key, value }).execute()
    }
    for (const [key, value] of Object.entries(metric)) {
      const row = { run_id: id, key, experiment_id: Number(run.experiment), at: 0, step: 0, points: 1 }
      await db
        .insertInto('run_latest_metrics')
        .values({ ...row, rollup_shift: null, ...toStored(value) })
        .execute()
    }
    for (const dataset_id of run.datasets) {
      await db.insertInto('run_inputs').values({ run_id: id, dataset_id }).execute()
      if (dataset_id === 'd2') continue
      const context = { key: 'mlflow.data.context', value: 'training' }
      await db
        .insertInto('run_input_tags')
        .values({ run_id: id, dataset_id, ...context })
        .execute()
    }
  }
})
afterAll(() => stores.close())

/** Follows the tokens to the end. */
async function allPages(input: SearchRunsInput, effort: SearchEffort) {
  const ids: string[] = []
  let pageToken: string | undefined
  let total: number | undefined
  do {
    const page = await searchRuns(stores.db, { ...input, pageToken, count: pageToken === undefined }, effort)
    total ??= page.total
    if (page.items.length === 0) expect(pageToken).toBeUndefined()
    ids.push(...page.items.map(({ id }) => id))
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  return { ids, total }
}

const field = (kind: Field['kind'], key: string): Field => ({ kind, key })
const text: fc.Arbitrary<string | number> = fc.constantFrom(...texts)
const number: fc.Arbitrary<string | number> = fc.constantFrom(
  ...numbers,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
)
const fields: FilterShape['fields'] = fc.constantFrom(
  { field: field('metric', 'm'), values: number },
  { field: field('metric', 'n'), values: number },
  { field: field('metric', 'unknown'), values: number },
  { field: field('parameter', 'p'), values: text },
  { field: field('tag', 't'), values: text },
  { field: field('tag', 'u v'), values: fc.constantFrom('x', 'y') },
  { field: field('attribute', 'run_name'), values: text },
  { field: field('attribute', 'start_time'), values: number },
  { field: field('attribute', 'end_time'), values: number },
  { field: field('dataset', 'name'), values: fc.constantFrom('d1', 'd2', 'd3') },
  { field: field('dataset', 'context'), values: fc.constantFrom('training', 'eval') },
)
const patterns = fc
  .array(fc.constantFrom('%', '_', 'a', 'B', '*', '[', 'ä', '𝄞', '\\', '?'), { maxLength: 4 })
  .map((parts) => parts.join(''))
const orders = fc.uniqueArray(
  fc.record({
    field: fc.constantFrom(
      field('metric', 'm'),
      field('metric', 'n'),
      field('metric', 'unknown'),
      field('tag', 't'),
      field('parameter', 'p'),
      field('attribute', 'end_time'),
      field('attribute', 'run_name'),
      field('attribute', 'start_time'),
    ),
    descending: fc.boolean(),
  }),
  { maxLength: 3, selector: (term) => `${term.field.kind} ${term.field.key}` },
)

describe('searchRuns', () => {
  it('finds, orders, pages and counts what a naive evaluation does', async () => {
    const filters = fc.option(arbitraryFilter({ fields, patterns }), { nil: undefined })
    const searches = fc.record({
      filter: filters,
      order: orders,
      experiments: fc.constantFrom<string[] | undefined>(
        ['1'],
        ['1'],
        ['2'],
        ['1', '2'],
        ['2', '99'],
        undefined,
        [],
      ),
      view: fc.constantFrom('active' as const, 'deleted' as const, 'all' as const),
      limit: fc.constantFrom(1, 3, 7, 1000),
      effort: fc.record({
        fewRuns: fc.integer({ min: 1, max: 40 }),
        nearEntries: fc.integer({ min: 1, max: 60 }),
      }),
    })
    await fc.assert(
      fc.asyncProperty(searches, async ({ filter, order, experiments: wanted, view, limit, effort }) => {
        const fitting = things.filter(
          (thing) =>
            (wanted === undefined || wanted.includes(thing.experiment)) &&
            (view === 'all' || thing.deleted === (view === 'deleted')) &&
            (!filter || naiveFits(filter, thing)),
        )
        const whole: OrderTerm[] = [
          ...order,
          ...(order.some((term) => term.field.key === 'start_time')
            ? []
            : [{ field: field('attribute', 'start_time'), descending: true }]),
          { field: field('attribute', 'run_id'), descending: false },
        ]
        const expected = naiveSort(fitting, whole).map(({ id }) => id)
        const found = await allPages(
          {
            filter: filter && printFilter(filter),
            orderBy: order.map(printOrder),
            experiments: wanted,
            view,
            limit,
          },
          effort,
        )
        expect(found).toEqual({ ids: expected, total: expected.length })
      }),
      { numRuns: process.env.MILLRACE_TEST_DATABASE ? 60 : 300 },
    )
  })

  it('gives whole runs, or the keys that are asked for', async () => {
    const wanted = things.find(
      (run) => run.metric?.m !== undefined && run.parameter?.p !== undefined && !run.deleted,
    )
    const search = { filter: `run_id = '${wanted?.id}'` }
    const [whole] = (await searchRuns(stores.db, search)).items
    expect(whole).toMatchObject({ id: wanted?.id, params: wanted?.parameter, tags: wanted?.tag })
    expect(Object.fromEntries(whole.metrics.map(({ key, value }) => [key, value]))).toEqual(wanted?.metric)
    expect(whole.inputs.map(({ dataset }) => dataset.name).sort()).toEqual(wanted?.dataset?.name?.toSorted())
    const keys = { metrics: ['m'], params: [], tags: ['none'] }
    const [part] = (await searchRuns(stores.db, { ...search, keys })).items
    expect(part).toMatchObject({ params: {}, tags: {}, metrics: [{ key: 'm' }] })
  })

  it('refuses more experiments than a statement has room for', async () => {
    const experiments = Array.from({ length: 20_001 }, (_, index) => String(index))
    await expect(searchRuns(stores.db, { experiments })).rejects.toMatchObject({ code: 'search.invalid' })
    await expect(searchRuns(stores.db, { experiments: experiments.slice(1) })).resolves.toBeDefined()
  })

  it('refuses tokens that are broken or of another search', async () => {
    const page = (input: SearchInput) => searchRuns(stores.db, { experiments: ['1'], limit: 2, ...input })
    const { nextPageToken } = await page({ orderBy: ['metrics.m'] })
    await expect(page({ orderBy: ['metrics.m'], pageToken: nextPageToken })).resolves.toBeDefined()
    for (const other of [
      { orderBy: ['metrics.m DESC'], pageToken: nextPageToken },
      { orderBy: ['metrics.m'], filter: "tags.t = 'a'", pageToken: nextPageToken },
      { pageToken: 'evil' },
      { pageToken: '' },
      { pageToken: Buffer.from('{"after":[]}').toString('base64') },
    ]) {
      await expect(page(other)).rejects.toMatchObject({ code: 'search.page_token_invalid' })
    }
  })
})
