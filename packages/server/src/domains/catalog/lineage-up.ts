import { versionOf } from '../definitions/index.ts'
import {
  type DefinedKind,
  definitionNode,
  type LineageDeps,
  mostNeighbours,
  orMissing,
  sourceNode,
} from './lineage-deps.ts'
import { type LineageKind, type LineageNode, nodeOf } from './lineage-node.ts'
import type { Neighbours, Step } from './lineage-walk.ts'

/** The versions of definitions that what was trained had. Of definitions as they are now: none. */
export interface Pins {
  /** Tells two of them apart. */
  of: string
  versions: Readonly<Record<string, string>>
}
export const unpinned: Pins = { of: '', versions: {} }

type StepUp = Step<Pins>
type StepsUp = (deps: LineageDeps, step: StepUp) => Promise<Neighbours<Pins>>

const plain = (...nodes: LineageNode[]): StepUp[] => nodes.map((node) => ({ node, context: unpinned }))

/** What each kind of node comes from. */
const above: Record<LineageKind, StepsUp> = {
  source: async () => ({ steps: [] }),
  async dataset({ definitions }, { node }) {
    const { name, version = '' } = node
    // A version means the same wherever its files lie; what is known is where they lie now.
    const current = await definitions.find('dataset', name)
    const isCurrent = current && versionOf(current) === version
    const found = isCurrent ? current : await orMissing(definitions.getVersion('dataset', name, version))
    return { steps: found ? plain(sourceNode(found)) : [] }
  },
  async 'dataset-version'({ data }, { node }) {
    const { name: dataset, version = '' } = node
    const found = await orMissing(data.getVersion({ dataset, version }))
    if (!found) return { steps: [] }
    const before = found.base === undefined ? [] : [nodeOf('dataset-version', dataset, found.base)]
    return { steps: plain(nodeOf('dataset', dataset, found.definition), ...before) }
  },
  async 'feature-view'(deps, { node, context }) {
    const { name, version = '' } = node
    const found = await orMissing(deps.definitions.getVersion('feature-view', name, version))
    if (!found) return { steps: [] }
    const datasets = await defined(deps, context, 'dataset', found.query?.uses ?? [found.from])
    // A model is not made of what its view is materialized from by now.
    if (context.of !== '') return { steps: datasets }
    const done = (await deps.features.listMaterializations()).filter(
      ({ view, viewVersion }) => view === name && viewVersion === version,
    )
    const versions = done.flatMap(({ dataset, joined = [] }) =>
      [dataset, ...joined].map((ref) => nodeOf('dataset-version', ref.dataset, ref.version)),
    )
    return { steps: [...datasets, ...plain(...versions)] }
  },
  'on-demand-view': async () => ({ steps: [] }),
  async 'feature-service'(deps, { node, context }) {
    const found = await orMissing(
      deps.definitions.getVersion('feature-service', node.name, node.version ?? ''),
    )
    if (!found) return { steps: [] }
    const views = await defined(deps, context, 'feature-view', found.featureViews)
    return { steps: [...views, ...(await defined(deps, context, 'on-demand-view', found.onDemandViews))] }
  },
  async 'training-set'({ features }, { node }) {
    const { version: digest = '' } = node
    const manifest = await orMissing(features.getTrainingSet(digest))
    if (!manifest) return { steps: [] }
    const pins: Pins = { of: digest, versions: manifest.definitions }
    const services = Object.entries(manifest.definitions).flatMap(([id, version]) => {
      const [kind, name] = id.split('/', 2)
      return kind === 'feature-service' ? [nodeOf(kind, name, version)] : []
    })
    const versions = manifest.datasets.map((ref) => nodeOf('dataset-version', ref.dataset, ref.version))
    return {
      steps: [...services.map((service) => ({ node: service, context: pins })), ...plain(...versions)],
    }
  },
  async run({ tracking, registry, features, data }, { node }) {
    const run = await orMissing(tracking.getRun(node.name))
    const { items } = await registry.listVersionsBy({ run: node.name }, { limit: mostNeighbours })
    const tagged = run?.tags['millrace.training_set']
    const digests = [tagged, ...items.map(({ lineage }) => lineage.trainingSet)]
    const sets = await trainingSetNodes(features, digests)
    if (sets.length > 0) return { steps: plain(...sets) }
    // Runs of other tools name what they read, and no training set.
    const logged = run?.inputs.map(({ dataset: { name, digest } }) => ({ dataset: name, version: digest }))
    const read = [...items.flatMap(({ lineage }) => lineage.datasets), ...(logged ?? [])]
    const known = await Promise.all(read.map((ref) => orMissing(data.getVersion(ref))))
    const versions = known.filter((one) => one !== undefined)
    return { steps: plain(...versions.map((one) => nodeOf('dataset-version', one.dataset, one.version))) }
  },
  async 'model-version'({ registry, features }, { node }) {
    const found = await orMissing(registry.getVersion({ model: node.name, version: Number(node.version) }))
    if (!found) return { steps: [] }
    const { run, trainingSet, datasets } = found.lineage
    if (run !== null) return { steps: plain(nodeOf('run', run)) }
    const sets = await trainingSetNodes(features, [trainingSet])
    if (sets.length > 0) return { steps: plain(...sets) }
    return { steps: plain(...datasets.map((ref) => nodeOf('dataset-version', ref.dataset, ref.version))) }
  },
  async model({ registry }, { node }) {
    const page = await orMissing(registry.listVersions(node.name, { limit: mostNeighbours }))
    const versions = page?.items.map(({ model, version }) => nodeOf('model-version', model, version))
    return { steps: plain(...(versions ?? [])), isCut: page?.nextPageToken !== undefined }
  },
  async 'endpoint-revision'({ serving }, { node }) {
    const endpoint = await orMissing(serving.getEndpoint(node.name))
    const found = endpoint?.revisions.find(({ revision }) => String(revision) === node.version)
    return { steps: found ? plain(nodeOf('model-version', found.model, found.version)) : [] }
  },
  async endpoint({ serving }, { node }) {
    const revisions = (await orMissing(serving.getEndpoint(node.name)))?.revisions ?? []
    const newest = revisions.toReversed().slice(0, mostNeighbours)
    const nodes = newest.map(({ endpoint, revision }) => nodeOf('endpoint-revision', endpoint, revision))
    return { steps: plain(...nodes), isCut: revisions.length > newest.length }
  },
}

/** What a node comes from. */
export function stepsUp(deps: LineageDeps, step: StepUp): Promise<Neighbours<Pins>> {
  return above[step.node.kind](deps, step)
}

async function defined(
  deps: LineageDeps,
  context: Pins,
  kind: DefinedKind,
  names: readonly string[],
): Promise<StepUp[]> {
  const nodes = await Promise.all(names.map((name) => definitionNode(deps, { kind, name }, context.versions)))
  return nodes.flatMap((node) => (node ? [{ node, context }] : []))
}

/** Training sets by their digests; those whose content is gone are left out. */
export async function trainingSetNodes(
  features: LineageDeps['features'],
  digests: readonly (string | null | undefined)[],
): Promise<LineageNode[]> {
  const known = [...new Set(digests)].filter((digest) => digest !== null && digest !== undefined)
  const manifests = await Promise.all(known.map((digest) => orMissing(features.getTrainingSet(digest))))
  return manifests.flatMap((manifest, i) =>
    manifest ? [nodeOf('training-set', manifest.name, known[i])] : [],
  )
}
