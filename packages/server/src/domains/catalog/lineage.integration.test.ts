import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../kernel/logger.ts'
import { createTemporaryTraining } from '../../testing/temporary-training.ts'
import { createServingMetrics, createServingService } from '../serving/index.ts'
import { createTrackingSearch } from '../tracking/index.ts'
import { createCatalogService } from './index.ts'
import type { CatalogService, LineageInput } from './service.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTraining>>
let catalog: CatalogService
let made: { set: string; run: string; dataset: string; view: string; service: string; flights: string }

beforeAll(async () => {
  stack = await createTemporaryTraining()
  const serving = createServingService({
    ...stack,
    logDir: join(stack.dir, 'logs'),
    logger: createLogger('silent'),
    metrics: createServingMetrics(new Registry()),
  })
  catalog = createCatalogService({ ...stack, serving, search: createTrackingSearch(stack) })
  const data = await stack.build('late_flights', 1, 30)
  const model = await stack.train({ data })
  const later = await stack.build('late_flights', 30, 40)
  const { evaluation } = await stack.evaluate({ model, data: later })
  const { version } = await stack.register({ name: 'lateness', model, evaluation })
  await serving.deploy({ endpoint: 'lateness', modelVersion: { model: 'lateness', version }, reason: 'test' })
  await stack.features.materialize({ view: 'airport_delays', until: Date.UTC(2001, 1, 1) })
  const versionOf = (kind: 'dataset' | 'feature-view' | 'feature-service', name: string) =>
    stack.definitions.version(kind, name)
  made = {
    set: data.digest,
    run: model.runId,
    dataset: stack.version.version,
    view: await versionOf('feature-view', 'airport_delays'),
    service: await versionOf('feature-service', 'delay_features'),
    flights: await versionOf('dataset', 'flights'),
  }
  await serving.close()
}, 60_000)
afterAll(() => stack.close())

const lineage = (of: string, more: Partial<LineageInput> = {}) =>
  catalog.getLineage({ of, direction: 'both', depth: 20, nodes: 500, ...more })
const idsOf = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id)

function chain() {
  return [
    'source:flights.parquet',
    `dataset:flights@${made.flights}`,
    `dataset-version:flights@${made.dataset}`,
    `feature-view:airport_delays@${made.view}`,
    `feature-service:delay_features@${made.service}`,
    `training-set:late_flights@${made.set}`,
    `run:${made.run}`,
    'model-version:lateness@1',
    'endpoint-revision:lateness@1',
    'endpoint:lateness',
  ]
}

test('an endpoint comes from its data, step by step', async () => {
  const found = await lineage('endpoint:lateness')
  expect(found.truncated).toBe(false)
  expect(new Set(idsOf(found.nodes))).toEqual(new Set(chain()))
  const edges = found.edges.map(({ from, to }) => `${from} > ${to}`)
  const ids = chain()
  const [source, dataset, version, view, service, set, run, model, revision, endpoint] = ids
  for (const [from, to] of [
    [source, dataset],
    [dataset, version],
    [dataset, view],
    [view, service],
    [service, set],
    [version, set],
    [set, run],
    [run, model],
    [model, revision],
    [revision, endpoint],
  ])
    expect(edges).toContain(`${from} > ${to}`)
  expect(await lineage('endpoint:lateness', { direction: 'down' })).toEqual({
    of: 'endpoint:lateness',
    nodes: [{ id: 'endpoint:lateness', kind: 'endpoint', name: 'lateness' }],
    edges: [],
    truncated: false,
  })
})

test('the source goes into all of it, and so does everything between', async () => {
  const ids = chain()
  for (const [i, id] of ids.entries()) {
    const down = idsOf((await lineage(id, { direction: 'down' })).nodes)
    const up = idsOf((await lineage(id, { direction: 'up' })).nodes)
    expect(down).toEqual(expect.arrayContaining(ids.slice(i === 2 ? 5 : i)))
    expect(up).toEqual(expect.arrayContaining(ids.slice(0, i === 2 ? 2 : 1)))
  }
  // The version that the online values were made of.
  const { edges } = await lineage(`feature-view:airport_delays@${made.view}`, { direction: 'up' })
  expect(edges).toContainEqual({
    from: `dataset-version:flights@${made.dataset}`,
    to: `feature-view:airport_delays@${made.view}`,
  })
})

test('a model keeps the definitions that it was trained with, whatever they become', async () => {
  const stored = await stack.definitions.listStored()
  const changed = stored.map(({ definition }) =>
    definition.kind === 'feature-view' ? { ...definition, ttlMs: 1 } : definition,
  )
  await stack.apply(changed)
  const current = await stack.definitions.version('feature-view', 'airport_delays')
  const up = idsOf((await lineage('model-version:lateness@1', { direction: 'up' })).nodes)
  expect(up).toContain(`feature-view:airport_delays@${made.view}`)
  expect(up).not.toContain(`feature-view:airport_delays@${current}`)
  expect(idsOf((await lineage(`feature-view:airport_delays@${made.view}`)).nodes)).toContain(
    'endpoint:lateness',
  )
  const feature = await catalog.getFeature({ view: 'airport_delays', feature: 'departures_1d' })
  expect(feature).toMatchObject({
    version: current,
    services: ['delay_features'],
    models: [],
    endpoints: [{ endpoint: 'lateness', revision: 1, model: 'lateness', version: 1, isCurrent: false }],
    materialized: null,
  })
  await stack.apply(stored.map(({ definition }) => definition))
  expect(await catalog.getFeature({ view: 'airport_delays', feature: 'departures_1d' })).toMatchObject({
    version: made.view,
    models: [{ model: 'lateness', version: 1 }],
    endpoints: [{ isCurrent: true }],
    materialized: { until: Date.UTC(2001, 1, 1) },
  })
})

test('a run of another tool comes from the datasets that it logged', async () => {
  const run = await stack.tracking.createRun({ experiment: 'elsewhere' })
  const dataset = { name: 'flights', digest: stack.version.version, sourceType: 'local', source: 'x' }
  const unknown = { ...dataset, name: 'weather' }
  await stack.tracking.logInputs({ run: run.id, datasets: [{ dataset }, { dataset: unknown }] })
  const id = `dataset-version:flights@${made.dataset}`
  const edge = { from: id, to: `run:${run.id}` }
  expect((await lineage(`run:${run.id}`)).edges).toContainEqual(edge)
  expect((await lineage(id, { direction: 'down' })).edges).toContainEqual(edge)
})

test('a name alone is enough where it is that of one thing; else it is said what it may be', async () => {
  expect(await lineage('delay_features', { depth: 1 })).toMatchObject({
    of: `feature-service:delay_features@${made.service}`,
    truncated: true,
  })
  expect((await lineage('training-set:late_flights')).of).toMatch(/^training-set:late_flights@[0-9a-f]{64}$/)
  expect((await lineage('dataset-version:flights')).of).toBe(`dataset-version:flights@${made.dataset}`)
  await expect(lineage('lateness')).rejects.toMatchObject({
    code: 'request.invalid',
    message: expect.stringContaining('say model:lateness or endpoint:lateness'),
  })
  await expect(lineage('feature-view:airport_delay')).rejects.toMatchObject({
    code: 'lineage.not_found',
    message: expect.stringContaining('Did you mean "airport_delays"?'),
  })
  await expect(lineage('model-version:lateness@9')).rejects.toMatchObject({ code: 'lineage.not_found' })
  await expect(catalog.getFeature({ view: 'airport_delays', feature: 'x' })).rejects.toMatchObject({
    code: 'feature.not_found',
  })
})
