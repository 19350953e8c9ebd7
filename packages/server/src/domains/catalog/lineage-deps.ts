import { type DatasetDefinition, isPlatformError } from '@millrace/protocol'
import type { DataService } from '../data/index.ts'
import { type DefinitionService, versionOf } from '../definitions/index.ts'
import type { FeatureService } from '../features/index.ts'
import type { RegistryService } from '../registry/index.ts'
import type { ServingService } from '../serving/index.ts'
import type { TrackingSearch, TrackingService } from '../tracking/index.ts'
import { type LineageNode, nodeOf } from './lineage-node.ts'

export interface LineageDeps {
  definitions: Pick<DefinitionService, 'find' | 'list' | 'getVersion'>
  data: Pick<DataService, 'getVersion' | 'latestVersion' | 'listVersions'>
  features: Pick<
    FeatureService,
    'getTrainingSet' | 'listTrainingSets' | 'findTrainingSets' | 'listMaterializations'
  >
  tracking: Pick<TrackingService, 'getRun'>
  search: Pick<TrackingSearch, 'searchRuns'>
  registry: Pick<
    RegistryService,
    'find' | 'getModel' | 'getVersion' | 'listModels' | 'listVersions' | 'listVersionsBy'
  >
  serving: Pick<ServingService, 'getEndpoint'>
}

/** Neighbours of one kind that a node shows at most. */
export const mostNeighbours = 50

/** Kinds of definitions in a lineage. */
export type DefinedKind = 'dataset' | 'feature-view' | 'on-demand-view' | 'feature-service'

/** Undefined for what does not exist, or no longer. */
export async function orMissing<Found>(finding: Promise<Found>): Promise<Found | undefined> {
  try {
    return await finding
  } catch (error) {
    if (isPlatformError(error) && error.status === 404) return undefined
    throw error
  }
}

/** A definition as a node: in the pinned version, else in the current one. Undefined if there is neither. */
export async function definitionNode(
  { definitions }: Pick<LineageDeps, 'definitions'>,
  { kind, name }: { kind: DefinedKind; name: string },
  pins: Readonly<Record<string, string>> = {},
): Promise<LineageNode | undefined> {
  const pinned = pins[`${kind}/${name}`]
  if (pinned !== undefined) return nodeOf(kind, name, pinned)
  const current = await definitions.find(kind, name)
  return current && nodeOf(kind, name, versionOf(current))
}

/** What the rows of a dataset are read from. */
export function sourceNode({ name, source }: DatasetDefinition): LineageNode {
  if ('path' in source) return nodeOf('source', source.path)
  if (source.format === 'postgres') return nodeOf('source', `postgres:${source.connection}`)
  if (source.format === 'program') return nodeOf('source', `program:${source.command.join(' ')}`)
  return nodeOf('source', `${source.format}:${name}`)
}
