import { expect, test } from 'vitest'
import { versionOf } from '../definitions/index.ts'
import { createCatalogService } from './index.ts'
import type { CatalogDeps } from './service.ts'

const numbers = [1, 2, 3, 4, 5]
const flights = { kind: 'dataset', name: 'flights', source: { path: 'flights.parquet' } }
const views = numbers.map((i) => ({ kind: 'feature-view', name: `view_${i}`, from: 'flights' }))
const service = {
  kind: 'feature-service',
  name: 'all',
  featureViews: views.map(({ name }) => name),
  onDemandViews: [],
}
const all = [flights, ...views, service]

function counted() {
  const calls: string[] = []
  const none = async () => ({ items: [] })
  const find = async (_: string, name: string) => all.find((one) => one.name === name)
  const deps = {
    definitions: {
      find,
      getVersion: find,
      async list(kind: string) {
        calls.push(kind)
        return all.filter((one) => one.kind === kind)
      },
    },
    data: {
      getVersion: async ({ version }: { version: string }) => ({
        version,
        definition: versionOf(flights as never),
      }),
      listVersions: async () => ({
        items: numbers.map((i) => ({ version: `${i}`, definition: versionOf(flights as never) })),
      }),
    },
    features: {
      findTrainingSets: async () => [],
      listTrainingSets: none,
      async listMaterializations() {
        calls.push('materializations')
        return views.map((view, i) => ({
          view: view.name,
          viewVersion: versionOf(view as never),
          dataset: { dataset: 'flights', version: `${numbers[i]}` },
        }))
      },
    },
    registry: { listVersionsBy: none },
    search: { searchRuns: none },
  }
  return { calls, catalog: createCatalogService(deps as unknown as CatalogDeps) }
}

test.each(['dataset:flights', 'feature-service:all'])(
  'the lineage of %s lists each kind once',
  async (of) => {
    const { calls, catalog } = counted()
    const ask = () => catalog.getLineage({ of, direction: 'both', depth: 20, nodes: 500 })
    const found = await ask()
    // The source, the dataset, five versions of it, five views, the service.
    expect(found.nodes).toHaveLength(13)
    expect(calls).toContain('materializations')
    expect(calls).toEqual([...new Set(calls)])
    // What came meanwhile is in the next answer.
    const before = calls.length
    await ask()
    expect(calls).toHaveLength(2 * before)
  },
)
