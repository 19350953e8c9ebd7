import { versionOf } from '../definitions/index.ts'
import type { ModelVersion } from '../registry/index.ts'
import { definitionNode, type LineageDeps, mostNeighbours, orMissing, sourceNode } from './lineage-deps.ts'
import { type LineageKind, type LineageNode, nodeOf } from './lineage-node.ts'
import { trainingSetNodes } from './lineage-up.ts'

export interface Below {
  nodes: (LineageNode | undefined)[]
  isCut?: boolean
}

const limit = mostNeighbours

/** What each kind of node goes into. */
const below: Record<LineageKind, (deps: LineageDeps, node: LineageNode) => Promise<Below>> = {
  async source({ definitions }, node) {
    const datasets = await definitions.list('dataset')
    const fed = datasets.filter((one) => sourceNode(one).id === node.id)
    return { nodes: fed.map((one) => nodeOf('dataset', one.name, versionOf(one))) }
  },
  async dataset(deps, { name, version }) {
    const page = await deps.data.listVersions(name, { limit })
    const versions = page.items
      .filter(({ definition }) => definition === version)
      .map((one) => nodeOf('dataset-version', name, one.version))
    const isCurrent = (await definitionNode(deps, { kind: 'dataset', name }))?.version === version
    const views = isCurrent ? await deps.definitions.list('feature-view') : []
    const reading = views.filter(({ from, query }) => (query?.uses ?? [from]).includes(name))
    return {
      nodes: [...versions, ...reading.map((view) => nodeOf('feature-view', view.name, versionOf(view)))],
      isCut: page.nextPageToken !== undefined,
    }
  },
  async 'dataset-version'({ data, features, registry, search }, { name: dataset, version = '' }) {
    const page = await data.listVersions(dataset, { limit })
    const grown = page.items.filter(({ base }) => base === version)
    const done = (await features.listMaterializations()).filter((one) =>
      [one.dataset, ...(one.joined ?? [])].some((ref) => ref.dataset === dataset && ref.version === version),
    )
    const sets = await features.findTrainingSets({ dataset, version }, limit + 1)
    const models = await registry.listVersionsBy({ dataset, version }, { limit })
    const others = models.items.filter(({ lineage }) => lineage.trainingSet === null)
    // Runs of other tools log what they read.
    const filter = `dataset.name = '${dataset}' AND dataset.digest = '${version}'`
    const runs = await search.searchRuns({ filter, limit })
    return {
      nodes: [
        ...grown.map((one) => nodeOf('dataset-version', dataset, one.version)),
        ...done.map(({ view, viewVersion }) => nodeOf('feature-view', view, viewVersion)),
        ...sets.slice(0, limit).map(({ name, digest }) => nodeOf('training-set', name, digest)),
        ...others.map(madeBy),
        ...runs.items.map(({ id }) => nodeOf('run', id)),
      ],
      isCut: [page, models, runs].some((one) => one.nextPageToken !== undefined) || sets.length > limit,
    }
  },
  'feature-view': (deps, node) => servicesOf(deps, node),
  'on-demand-view': (deps, node) => servicesOf(deps, node),
  async 'feature-service'({ definitions, features, registry }, { name, version = '' }) {
    const sets = (await definitions.list('training-set')).filter(({ service }) => service === name)
    const pages = await Promise.all(
      sets.map((set) => features.listTrainingSets({ name: set.name }, { limit })),
    )
    const models = await registry.listVersionsBy({ definition: version }, { limit })
    const digests = [
      ...pages.flatMap(({ items }) => items.map(({ digest }) => digest)),
      ...models.items.map(({ lineage }) => lineage.trainingSet),
    ]
    const built = await Promise.all(
      (await trainingSetNodes(features, digests)).map(async (node) => {
        const manifest = await features.getTrainingSet(node.version ?? '')
        return manifest.definitions[`feature-service/${name}`] === version ? [node] : []
      }),
    )
    const pagesOfAll = [...pages, models]
    return { nodes: built.flat(), isCut: pagesOfAll.some(({ nextPageToken }) => nextPageToken !== undefined) }
  },
  async 'training-set'({ features, registry, search }, { name, version: digest = '' }) {
    const manifest = await orMissing(features.getTrainingSet(digest))
    const members = manifest?.members?.map((member) => nodeOf('training-set', name, member.digest)) ?? []
    const filter = `tags.\`millrace.training_set\` = '${digest}'`
    const runs = await search.searchRuns({ filter, limit })
    const models = await registry.listVersionsBy({ trainingSet: digest }, { limit })
    return {
      nodes: [...members, ...runs.items.map(({ id }) => nodeOf('run', id)), ...models.items.map(madeBy)],
      isCut: runs.nextPageToken !== undefined || models.nextPageToken !== undefined,
    }
  },
  async run({ registry }, { name: run }) {
    const { items, nextPageToken } = await registry.listVersionsBy({ run }, { limit })
    return {
      nodes: items.map(({ model, version }) => nodeOf('model-version', model, version)),
      isCut: nextPageToken !== undefined,
    }
  },
  async 'model-version'({ definitions, serving }, { name: model, version }) {
    const endpoints = (await definitions.list('endpoint')).filter((endpoint) => endpoint.model === model)
    const details = await Promise.all(endpoints.map(({ name }) => orMissing(serving.getEndpoint(name))))
    const revisions = details.flatMap((detail) => detail?.revisions ?? [])
    const made = revisions.filter((one) => one.model === model && String(one.version) === version).reverse()
    return {
      nodes: [
        ...made
          .slice(0, limit)
          .map(({ endpoint, revision }) => nodeOf('endpoint-revision', endpoint, revision)),
        nodeOf('model', model),
      ],
      isCut: made.length > limit,
    }
  },
  model: async () => ({ nodes: [] }),
  'endpoint-revision': async (_, { name }) => ({ nodes: [nodeOf('endpoint', name)] }),
  endpoint: async () => ({ nodes: [] }),
}

/** What a node goes into. */
export async function nodesBelow(deps: LineageDeps, node: LineageNode): Promise<Below> {
  return below[node.kind](deps, node)
}

/** Services that have a view as it is now; else those whose training sets had it. */
async function servicesOf(deps: LineageDeps, { kind, name, version = '' }: LineageNode): Promise<Below> {
  const view = kind === 'feature-view' ? 'feature-view' : 'on-demand-view'
  const current = await definitionNode(deps, { kind: view, name })
  if (current?.version === version) {
    const services = (await deps.definitions.list('feature-service')).filter(
      ({ featureViews, onDemandViews }) =>
        (view === 'feature-view' ? featureViews : onDemandViews).includes(name),
    )
    return { nodes: services.map((service) => nodeOf('feature-service', service.name, versionOf(service))) }
  }
  const { items, nextPageToken } = await deps.registry.listVersionsBy({ definition: version }, { limit })
  const pins = items.flatMap(({ lineage }) => Object.entries(lineage.definitions))
  const services = pins.flatMap(([id, hash]) => {
    const [pinned, service] = id.split('/', 2)
    return pinned === 'feature-service' ? [nodeOf('feature-service', service, hash)] : []
  })
  return { nodes: services, isCut: nextPageToken !== undefined }
}

function madeBy({ model, version, lineage }: ModelVersion): LineageNode {
  return lineage.run === null ? nodeOf('model-version', model, version) : nodeOf('run', lineage.run)
}
