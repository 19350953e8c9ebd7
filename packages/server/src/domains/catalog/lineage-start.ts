import { fail } from '@millrace/protocol'
import { definitionNode, type LineageDeps, orMissing, sourceNode } from './lineage-deps.ts'
import { type LineageKind, type LineageNode, lineageKinds, nodeOf } from './lineage-node.ts'
import { nearNames } from './near-names.ts'

interface Reference {
  name: string
  version: string | undefined
}

/** Kinds that a name alone may be of, and how to find one of each; of those with versions the newest. */
const findable: Record<LineageKind, (deps: LineageDeps, of: Reference) => Promise<LineageNode | undefined>> =
  {
    async source({ definitions }, { name, version }) {
      // Paths may have an @ in them.
      const path = version === undefined ? name : `${name}@${version}`
      const datasets = await definitions.list('dataset')
      return datasets.map(sourceNode).find((node) => node.name === path)
    },
    dataset: (deps, of) => defined(deps, 'dataset', of),
    async 'dataset-version'({ data }, { name: dataset, version }) {
      const found = await orMissing(
        version === undefined ? data.latestVersion(dataset) : data.getVersion({ dataset, version }),
      )
      return found && nodeOf('dataset-version', dataset, found.version)
    },
    'feature-view': (deps, of) => defined(deps, 'feature-view', of),
    'on-demand-view': (deps, of) => defined(deps, 'on-demand-view', of),
    'feature-service': (deps, of) => defined(deps, 'feature-service', of),
    async 'training-set'({ features }, { name, version }) {
      const digest =
        version ?? (await features.listTrainingSets({ name }, { limit: 1 })).items[0]?.digest ?? name
      const found = await orMissing(features.getTrainingSet(digest))
      return found && (found.name === name || digest === name)
        ? nodeOf('training-set', found.name, digest)
        : undefined
    },
    async run({ tracking }, { name, version }) {
      const found = version === undefined ? await orMissing(tracking.getRun(name)) : undefined
      return found && nodeOf('run', found.id)
    },
    async 'model-version'({ registry }, { name, version }) {
      if (version === undefined) {
        const latest = (await orMissing(registry.listVersions(name, { limit: 1 })))?.items[0]
        return latest && nodeOf('model-version', name, latest.version)
      }
      const reference = /^\d+$/.test(version) ? `${name}/${version}` : `${name}@${version}`
      const found = await orMissing(registry.find(reference))
      return found && nodeOf('model-version', found.model, found.version)
    },
    async model({ registry }, { name, version }) {
      const found = version === undefined ? await orMissing(registry.getModel(name)) : undefined
      return found && nodeOf('model', found.name)
    },
    async 'endpoint-revision'({ serving }, { name, version }) {
      const endpoint = await orMissing(serving.getEndpoint(name))
      const wanted = version ?? String(endpoint?.stable)
      const found = endpoint?.revisions.find(({ revision }) => String(revision) === wanted)
      return found && nodeOf('endpoint-revision', name, found.revision)
    },
    async endpoint({ serving }, { name, version }) {
      const found = version === undefined ? await orMissing(serving.getEndpoint(name)) : undefined
      return found && nodeOf('endpoint', found.name)
    },
  }

/** In this order, for a name without a kind. A version says that it is of something with versions. */
const withoutVersion: readonly LineageKind[] = [
  'model',
  'endpoint',
  'feature-service',
  'feature-view',
  'on-demand-view',
  'dataset',
  'training-set',
  'run',
]
const withVersion: readonly LineageKind[] = [
  'model-version',
  'endpoint-revision',
  'dataset-version',
  'training-set',
]

/**
 * Finds what is meant by `kind:name`, `kind:name@version`, or a name alone.
 * @throws `lineage.not_found` with names that are near, `request.invalid` for a name of several things
 */
export async function findStart(deps: LineageDeps, of: string): Promise<LineageNode> {
  const kind = lineageKinds.find((one) => of.startsWith(`${one}:`))
  const reference = parseReference(kind === undefined ? of : of.slice(kind.length + 1))
  const kinds = kind ? [kind] : reference.version === undefined ? withoutVersion : withVersion
  const found = (await Promise.all(kinds.map((one) => findable[one](deps, reference)))).filter(
    (node) => node !== undefined,
  )
  if (found.length === 1) return found[0]
  if (found.length > 1) {
    const meant = found.map((one) => `${one.kind}:${of}`).join(' or ')
    throw fail('request.invalid', { reason: `"${of}" is the name of several things: say ${meant}` })
  }
  const near = nearNames(reference.name, await namesOf(deps, kind))
  const hint = near.length > 0 ? ` Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : ''
  throw fail('lineage.not_found', { of, hint })
}

function parseReference(text: string): Reference {
  const at = text.lastIndexOf('@')
  return at <= 0
    ? { name: text, version: undefined }
    : { name: text.slice(0, at), version: text.slice(at + 1) }
}

async function defined(
  deps: LineageDeps,
  kind: 'dataset' | 'feature-view' | 'on-demand-view' | 'feature-service',
  { name, version }: Reference,
): Promise<LineageNode | undefined> {
  if (version === undefined) return definitionNode(deps, { kind, name })
  const found = await orMissing(deps.definitions.getVersion(kind, name, version))
  return found && nodeOf(kind, name, version)
}

async function namesOf(
  { definitions, registry }: LineageDeps,
  kind: LineageKind | undefined,
): Promise<string[]> {
  const named = [
    'dataset',
    'feature-view',
    'on-demand-view',
    'feature-service',
    'training-set',
    'endpoint',
  ] as const
  const wanted = named.filter(
    (one) => kind === undefined || kind === one || kind === `${one}-version` || kind === `${one}-revision`,
  )
  const lists = await Promise.all(wanted.map((one) => definitions.list(one)))
  const models =
    kind === undefined || kind === 'model' || kind === 'model-version'
      ? (await registry.listModels({ limit: 1000 })).items
      : []
  return [...lists.flatMap((list) => list.map(({ name }) => name)), ...models.map(({ name }) => name)]
}
