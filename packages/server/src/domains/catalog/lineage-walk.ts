import type { LineageEdge, LineageGraph, LineageNode } from './lineage-node.ts'

/** A step from one node to the next: what `next` needs to know beside the node itself. */
export interface Step<Context> {
  node: LineageNode
  context: Context
}

export interface Neighbours<Context> {
  steps: Step<Context>[]
  /** There are more than these. */
  isCut?: boolean
}

interface Bounds {
  depth: number
  nodes: number
}

/**
 * Goes from a node as far as it leads, breadth first: what is near comes first, whatever the bounds.
 * @param next the neighbours of a node in one direction
 * @param key what tells two contexts apart
 */
export async function walk<Context>(
  start: Step<Context>,
  input: {
    direction: 'up' | 'down'
    bounds: Bounds
    next(step: Step<Context>): Promise<Neighbours<Context>>
    key(context: Context): string
  },
): Promise<Omit<LineageGraph, 'of'>> {
  const { direction, bounds, next, key } = input
  const nodes = new Map([[start.node.id, start.node]])
  const edges = new Map<string, LineageEdge>()
  const seen = new Set([`${start.node.id} ${key(start.context)}`])
  let truncated = false
  let level = [start]
  for (let depth = 0; level.length > 0; depth++) {
    const found: Step<Context>[] = []
    for (const step of level) {
      const { steps, isCut = false } = await next(step)
      if (depth === bounds.depth) {
        // Asked for one step too far, to know whether there is one.
        truncated ||= steps.some(({ node }) => !nodes.has(node.id))
        continue
      }
      truncated ||= isCut
      for (const one of steps) {
        if (!nodes.has(one.node.id) && nodes.size >= bounds.nodes) {
          truncated = true
          continue
        }
        nodes.set(one.node.id, one.node)
        const [from, to] = direction === 'up' ? [one.node.id, step.node.id] : [step.node.id, one.node.id]
        edges.set(`${from} ${to}`, { from, to })
        const id = `${one.node.id} ${key(one.context)}`
        if (seen.has(id)) continue
        seen.add(id)
        found.push(one)
      }
    }
    if (depth === bounds.depth) break
    level = found
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()], truncated }
}
