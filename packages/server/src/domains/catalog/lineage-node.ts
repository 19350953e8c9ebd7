/** What data becomes on its way to predictions. Each comes from what is before it. */
export const lineageKinds = [
  'source',
  'dataset',
  'dataset-version',
  'feature-view',
  'on-demand-view',
  'feature-service',
  'training-set',
  'run',
  'model-version',
  'model',
  'endpoint-revision',
  'endpoint',
] as const
export type LineageKind = (typeof lineageKinds)[number]

export interface LineageNode {
  /** `kind:name`, with `@version` where there are versions. */
  id: string
  kind: LineageKind
  name: string
  /** Of definitions their content hash, of training sets their digest. */
  version?: string
}

/** `to` was made from `from`. */
export interface LineageEdge {
  from: string
  to: string
}

export interface LineageGraph {
  /** What was asked for. */
  of: string
  /** In the order of their distance from it. */
  nodes: LineageNode[]
  edges: LineageEdge[]
  /** There is more than was asked for, or than is shown at once. */
  truncated: boolean
}

export type Direction = 'up' | 'down' | 'both'

export function nodeOf(kind: LineageKind, name: string, version?: string | number): LineageNode {
  return {
    id: version === undefined ? `${kind}:${name}` : `${kind}:${name}@${version}`,
    kind,
    name,
    ...(version !== undefined && { version: String(version) }),
  }
}
