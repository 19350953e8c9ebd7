import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import { describeFeature, type FeatureDetail, type FeatureDetailDeps } from './feature-detail.ts'
import { type FeatureEntry, type FeatureFilter, findFeatures } from './feature-entry.ts'
import type { LineageDeps } from './lineage-deps.ts'
import { nodesBelow } from './lineage-down.ts'
import { listOnce } from './lineage-lists.ts'
import type { Direction, LineageGraph } from './lineage-node.ts'
import { findStart } from './lineage-start.ts'
import { stepsUp, unpinned } from './lineage-up.ts'
import { walk } from './lineage-walk.ts'

export interface LineageInput {
  /** `kind:name`, `kind:name@version`, or a name alone. */
  of: string
  direction: Direction
  /** Steps from what was asked for. */
  depth: number
  /** Nodes in each direction. */
  nodes: number
}

/** What there is, who answers for it, and what comes from what. */
export interface CatalogService {
  /** Features of all views: those that are named so first, then by name. */
  searchFeatures(filter: FeatureFilter, page?: PageInput): Promise<Page<FeatureEntry>>
  /** @throws `definition.not_found`, `feature.not_found` */
  getFeature(of: { view: string; feature: string }): Promise<FeatureDetail>
  /**
   * What a thing comes from (`up`) and what it goes into (`down`); `both` are the two together, not what its origins
   * went into as well.
   * @throws `lineage.not_found`; `request.invalid` for a name of several things
   */
  getLineage(input: LineageInput): Promise<LineageGraph>
}

export type CatalogDeps = LineageDeps & FeatureDetailDeps

export function createCatalogService(deps: CatalogDeps): CatalogService {
  return {
    async searchFeatures(filter, page) {
      const views = [
        ...(await deps.definitions.list('feature-view')),
        ...(await deps.definitions.list('on-demand-view')),
      ]
      const found = findFeatures(views, filter)
      return readPage(page, async ({ offset, limit }) => found.slice(offset, offset + limit))
    },
    getFeature: (of) => describeFeature(deps, of),
    async getLineage({ of, direction, depth, nodes }) {
      const once = listOnce(deps)
      const start = await findStart(once, of)
      const bounds = { depth, nodes }
      const parts = await Promise.all([
        ...(direction === 'down'
          ? []
          : [
              walk(
                { node: start, context: unpinned },
                {
                  direction: 'up',
                  bounds,
                  next: (step) => stepsUp(once, step),
                  key: (pins) => pins.of,
                },
              ),
            ]),
        ...(direction === 'up'
          ? []
          : [
              walk(
                { node: start, context: undefined },
                {
                  direction: 'down',
                  bounds,
                  next: async ({ node }) => {
                    const { nodes: found, isCut } = await nodesBelow(once, node)
                    const known = found.filter((one) => one !== undefined)
                    return { steps: known.map((one) => ({ node: one, context: undefined })), isCut }
                  },
                  key: () => '',
                },
              ),
            ]),
      ])
      const all = new Map(parts.flatMap((part) => part.nodes.map((node) => [node.id, node])))
      return {
        of: start.id,
        nodes: [...all.values()],
        edges: parts.flatMap((part) => part.edges),
        truncated: parts.some((part) => part.truncated),
      }
    },
  }
}
